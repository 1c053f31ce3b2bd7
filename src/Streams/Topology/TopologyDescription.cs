using System.Globalization;
using System.Text;

namespace Streams;

/// <summary>A topology in Kafka Streams' text format, line for line.</summary>
internal static class TopologyDescription
{
    public static string Of(Topology topology)
    {
        var text = new StringBuilder("Topologies:\n ");
        foreach (var subtopology in Subtopology.Of(topology))
            Write(subtopology, text);
        return text.ToString();
    }

    private static void Write(Subtopology subtopology, StringBuilder text)
    {
        var children = subtopology.Nodes.ToDictionary(n => n.Name, n => subtopology.Nodes.Where(c => c.Parents.Contains(n.Name)).Select(c => c.Name).ToList());
        var sizes = new Dictionary<string, int>();
        foreach (var node in subtopology.Nodes.Reverse())
            sizes[node.Name] = 1 + children[node.Name].Sum(c => sizes[c]);

        // Nodes with more below them come first; equals by name.
        IEnumerable<string> Ordered(IEnumerable<string> names) =>
            names.OrderByDescending(n => sizes[n]).ThenBy(n => n, StringComparer.Ordinal);
        var byName = subtopology.Nodes.ToDictionary(n => n.Name);
        text.Append(CultureInfo.InvariantCulture, $"  Sub-topology: {subtopology.Id}\n");
        foreach (var node in Ordered(byName.Keys).Select(n => byName[n]))
        {
            text.Append("    ");
            if (node.IsSource)
                text.Append(CultureInfo.InvariantCulture, $"Source: {node.Name} (topics: [{string.Join(", ", node.SourceTopics)}])\n");
            else if (node.IsSink)
                text.Append(CultureInfo.InvariantCulture, $"Sink: {node.Name} ({(node.SinkTopic is { } topic ? $"topic: {topic}" : "extractor class: a function")})\n");
            else
                text.Append(CultureInfo.InvariantCulture, $"Processor: {node.Name} (stores: [{string.Join(", ", InJavasOrder(node.Stores))}])\n");

            if (!node.IsSink)
                text.Append(CultureInfo.InvariantCulture, $"      --> {Names(Ordered(children[node.Name]))}\n");
            if (!node.IsSource)
                text.Append(CultureInfo.InvariantCulture, $"      <-- {Names(node.Parents.Distinct())}\n");
        }

        text.Append('\n');
    }

    private static string Names(IEnumerable<string> names) => string.Join(", ", names) is { Length: > 0 } joined ? joined : "none";

    // Kafka Streams holds a node's stores in a java.util.HashSet and writes them as it lists them: by bucket of the name's hash code, which the
    // language fixes (java.lang.String.hashCode, HashMap's spreading). Same text, same order: descriptions can be compared line by line.
    private static IEnumerable<string> InJavasOrder(HashSet<string> names)
    {
        var buckets = 16;
        while (names.Count > buckets * 3 / 4)
            buckets *= 2;
        return names.OrderBy(name => Bucket(name, buckets)).ThenBy(name => name, StringComparer.Ordinal);
    }

    private static int Bucket(string name, int buckets)
    {
        uint hash = 0;
        foreach (var c in name)
            hash = unchecked((31 * hash) + c);
        return (int)((hash ^ (hash >> 16)) & (uint)(buckets - 1));
    }
}
