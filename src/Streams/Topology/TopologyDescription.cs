using System.Globalization;
using System.Text;

namespace Streams;

/// <summary>A topology in Kafka Streams' text format, line for line.</summary>
internal sealed class TopologyDescription
{
    private readonly StringBuilder _text = new("Topologies:\n ");

    public static string Of(Topology topology)
    {
        var description = new TopologyDescription();
        foreach (var subtopology in Subtopology.Of(topology))
            description.Write(subtopology);
        return description._text.ToString();
    }

    private void Write(Subtopology subtopology)
    {
        var nodes = Connect(subtopology);
        if (subtopology.IsGlobal)
        {
            // Lines as of two nodes, but no empty line behind them.
            Line($"  Sub-topology: {subtopology.Id} for global store (will not generate tasks)");
            foreach (var node in nodes.OrderByDescending(n => n.Definition.IsSource))
                Write(node);
            return;
        }

        Line($"  Sub-topology: {subtopology.Id}");
        var sorted = new JavaTreeSet<Described>(Described.Compare);
        foreach (var node in nodes)
            sorted.Add(node);
        foreach (var node in sorted.InOrder())
            Write(node);
        _text.Append('\n');
    }

    private void Write(Described node)
    {
        var definition = node.Definition;
        if (definition.IsSource)
            Line($"    Source: {definition.Name} (topics: {definition.SourcePattern?.ToString() ?? $"[{string.Join(", ", JavaOrder.Of(definition.SourceTopics))}]"})");
        else if (definition.IsSink)
            Line($"    Sink: {definition.Name} ({(definition.SinkTopic is { } topic ? $"topic: {topic}" : $"extractor class: {definition.TopicChooser}")})");
        else
            Line($"    Processor: {definition.Name} (stores: [{string.Join(", ", JavaOrder.Of(definition.Stores))}])");

        if (!definition.IsSink)
            Line($"      --> {Names(node.Children)}");
        if (!definition.IsSource)
            Line($"      <-- {Names(node.Parents)}");
    }

    private void Line(FormattableString line) => _text.Append(line.ToString(CultureInfo.InvariantCulture)).Append('\n');

    /// <summary>
    /// Nodes are linked in the order of Java's hash table, and each list of neighbours is sorted by the sizes that are known by then: so the order
    /// of neighbours is not always that of the final sizes.
    /// </summary>
    private static IReadOnlyList<Described> Connect(Subtopology subtopology)
    {
        var byName = subtopology.Nodes.ToDictionary(n => n.Name, n => new Described(n));
        IReadOnlyList<Described> nodes = [.. JavaOrder.Of(byName.Keys).Select(n => byName[n])];
        foreach (var node in nodes)
        {
            foreach (var name in node.Definition.Parents)
            {
                var parent = byName[name];
                node.Parents.Add(parent);
                parent.Children.Add(node);
                parent.Grow(node.Size);
            }
        }

        return nodes;
    }

    private static string Names(JavaTreeSet<Described> nodes) =>
        string.Join(", ", nodes.InOrder().Select(n => n.Definition.Name)) is { Length: > 0 } joined ? joined : "none";

    private sealed class Described(NodeDefinition definition)
    {
        public NodeDefinition Definition { get; } = definition;

        public JavaTreeSet<Described> Parents { get; } = new(Compare);

        public JavaTreeSet<Described> Children { get; } = new(Compare);

        /// <summary>How many nodes are below, itself included; one that is reached on two ways counts twice.</summary>
        public int Size { get; private set; } = 1;

        public static int Compare(Described left, Described right) =>
            left == right ? 0
            : left.Size != right.Size ? right.Size - left.Size
            : string.CompareOrdinal(left.Definition.Name, right.Definition.Name);

        public void Grow(int size)
        {
            Size += size;
            foreach (var parent in Parents.InOrder())
                parent.Grow(size);
        }
    }
}
