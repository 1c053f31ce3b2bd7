using System.Globalization;

namespace Streams.Dsl;

/// <summary>
/// What the DSL was told, in order: names are given at once, as Kafka Streams gives them, and the topology is written at the end, when every
/// use of every table is known.
/// </summary>
internal sealed class DslGraph
{
    private readonly List<Action<Topology>> _steps = [];
    private readonly Dictionary<string, (string Node, Type Types)> _sources = [];
    private int _index;

    public SerdeRegistry Serdes { get; } = new();

    public string NextName(string prefix) => string.Create(CultureInfo.InvariantCulture, $"{prefix}{_index++:D10}");

    /// <summary>The given name, or a generated one. A number goes either way, so that naming a node renames no other.</summary>
    public string Name(string? given, string prefix)
    {
        var generated = NextName(prefix);
        return given ?? generated;
    }

    public string NextStoreName(string prefix) => NextName($"{prefix}STATE-STORE-");

    public void Add(Action<Topology> step) => _steps.Add(step);

    /// <summary>A topic that is read already is not read again: the stream goes on from the same node.</summary>
    public bool TryReuseSource<TKey, TValue>(string topic, out string node)
    {
        node = "";
        if (!_sources.TryGetValue(topic, out var source))
            return false;
        if (source.Types != typeof(Record<TKey, TValue>))
            throw new TopologyException($"Topic '{topic}' is read twice, with different types. Read it once and map the stream to the other type.");

        node = source.Node;
        return true;
    }

    public void AddSource<TKey, TValue>(string topic, string node) => _sources.Add(topic, (node, typeof(Record<TKey, TValue>)));

    public Topology Build()
    {
        var topology = new Topology();
        foreach (var step in _steps)
            step(topology);
        return topology;
    }

    /// <summary>
    /// Sends records through a topic of the engine's own, so that equal keys meet in one task. Returns the node that reads them back.
    /// </summary>
    public string Repartition<TKey, TValue>(string parent, string prefix, ISerde<TKey> keySerde, ISerde<TValue> valueSerde)
    {
        const string Suffix = "-repartition";
        var topic = prefix.EndsWith(Suffix, StringComparison.Ordinal) ? prefix : prefix + Suffix;

        // Three numbers go, used or not, so that naming a topic renames no other node.
        var (sink, filter, source) = (NextName("KSTREAM-SINK-"), NextName("KSTREAM-FILTER-"), NextName("KSTREAM-SOURCE-"));
        if (!IsGenerated(prefix))
            (sink, filter, source) = ($"{topic}-sink", $"{topic}-filter", $"{topic}-source");

        Add(topology =>
        {
            topology.AddInternalTopic(topic);
            topology.AddNode(filter, [parent], () => new Processing.HasKeyNode<TKey, TValue>(filter));
            topology.AddSink(sink, topic, keySerde, valueSerde, filter);
            topology.AddSource(source, keySerde, valueSerde, topic);
        });
        return source;
    }

    private static bool IsGenerated(string name) =>
        name.StartsWith("KSTREAM", StringComparison.Ordinal) && name.Length > 11 && name[^11] == '-' && name.AsSpan(^10..).IndexOfAnyExceptInRange('0', '9') < 0;
}
