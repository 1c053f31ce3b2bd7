using System.Globalization;

namespace Streams.Dsl;

/// <summary>
/// What the DSL was told: names are given at once, as Kafka Streams gives them, and the topology is written at the end, when every use of every
/// table is known.
/// </summary>
internal sealed class DslGraph
{
    private readonly Dictionary<string, (string Topics, Type Types)> _streamTypes = [];
    private readonly List<IReadOnlyList<string>> _copartitioned = [];
    private readonly Dictionary<string, string> _replacedSources = [];
    private readonly GraphOptimizer _optimizer;
    private int _index;
    private int _priority;

    public DslGraph() => _optimizer = new(this);

    public SerdeRegistry Serdes { get; } = new();

    /// <summary>The steps that begin streams or add stores, in the order of the calls.</summary>
    public List<GraphNode> Roots { get; } = [];

    /// <summary>Whether a prefix is a generated name: a topic called so gets generated names for its nodes too.</summary>
    public static bool IsGenerated(string name) =>
        name.StartsWith("KSTREAM", StringComparison.Ordinal) && name.Length > 11 && name[^11] == '-' && name.AsSpan(^10..).IndexOfAnyExceptInRange('0', '9') < 0;

    public string NextName(string prefix) => string.Create(CultureInfo.InvariantCulture, $"{prefix}{_index++:D10}");

    /// <summary>The given name, or a generated one. A number goes either way, so that naming a node renames no other.</summary>
    public string Name(string? given, string prefix)
    {
        var generated = NextName(prefix);
        return given ?? generated;
    }

    public string NextStoreName(string prefix) => NextName($"{prefix}STATE-STORE-");

    /// <summary>Puts a step below its parents. A step that is there already moves to the end of the order of writing.</summary>
    public GraphNode Add(GraphNode node)
    {
        node.Priority = _priority++;
        if (node.Parents.Count == 0 && !Roots.Contains(node))
            Roots.Add(node);
        foreach (var parent in node.Parents)
            parent.AddChild(node);
        _optimizer.Note(node);
        return node;
    }

    /// <summary>A store that no step owns.</summary>
    public void AddStateStore(StoreBuilder store) => Add(new(store.Name, [], (t, _) => t.AddStateStore(store)));

    /// <summary>Notes that both must have as many partitions as each other, which is checked when the topics are known.</summary>
    /// <returns>The sources of what comes of them.</returns>
    public SourceSet EnsureCopartitioned(SourceSet left, SourceSet right)
    {
        var both = left.Union(right);
        _copartitioned.Add(both.Names);
        return both;
    }

    /// <summary>
    /// The stream behind a repartition topic called <paramref name="prefix"/>. For joins; where the stream was repartitioned under the same name
    /// before, that topic serves again.
    /// </summary>
    public KStream<TKey, TValue> Repartition<TKey, TValue>(
        KStream<TKey, TValue> stream, string prefix, ISerde<TKey> keySerde, ISerde<TValue> valueSerde)
    {
        var node = RepartitionStep<TKey, TValue>.Create(this, [stream.Node], prefix, keySerde, valueSerde);
        if (stream.Repartitioned is null || stream.Node.Name != prefix)
            stream.Repartitioned = Add(node);
        return new(this, stream.Repartitioned, keySerde, valueSerde, keyChanged: false, SourceSet.Of(stream.Repartitioned.Name));
    }

    /// <summary>A topic may begin several streams, but only of one type.</summary>
    public void NoteTypes<TKey, TValue>(IEnumerable<string> topics)
    {
        foreach (var topic in topics)
        {
            if (!_streamTypes.TryAdd(topic, (topic, typeof(Record<TKey, TValue>))) && _streamTypes[topic].Types != typeof(Record<TKey, TValue>))
                throw new TopologyException($"Topic '{topic}' is read twice, with different types. Read it once and map the stream to the other type.");
        }
    }

    /// <summary>The name of a source after another took its place.</summary>
    public void ReplaceSource(string name, string by) => _replacedSources[name] = by;

    public Topology Build(TopologyOptimization optimization)
    {
        var topology = new Topology { Optimization = optimization };
        MergeSources();
        if (optimization.HasFlag(TopologyOptimization.MergeRepartitionTopics))
            _optimizer.MergeRepartitions();
        if (optimization.HasFlag(TopologyOptimization.SingleStoreSelfJoin))
            GraphOptimizer.JoinSidesOnOneStore(Roots);
        KeepNullKeysForJoins();

        // By priority, but never a child before all of its parents.
        var written = new HashSet<GraphNode>();
        var waiting = new PriorityQueue<GraphNode, int>(Roots.Select(n => (n, n.Priority)));
        while (waiting.TryDequeue(out var node, out _))
        {
            if (!node.Parents.TrueForAll(written.Contains) || !written.Add(node))
                continue;

            node.Write(topology);
            foreach (var child in node.Children)
                waiting.Enqueue(child, child.Priority);
        }

        foreach (var sources in _copartitioned)
            topology.AddCopartitioned([.. sources.Select(s => _replacedSources.GetValueOrDefault(s, s)).Distinct()]);
        return topology;
    }

    /// <summary>Streams of the same topics get one source: the first.</summary>
    private void MergeSources()
    {
        var readers = new Dictionary<string, GraphNode>();
        foreach (var source in Roots.Where(r => r.SourceTopics.Count > 0).ToList())
        {
            var other = source.SourceTopics.Select(readers.GetValueOrDefault).FirstOrDefault(r => r is not null);
            if (other is null)
            {
                foreach (var topic in source.SourceTopics)
                    readers.Add(topic, source);
                continue;
            }

            if (!other.SourceTopics.ToHashSet().SetEquals(source.SourceTopics))
            {
                throw new TopologyException(
                    $"Sources '{other.Name}' of {string.Join(", ", other.SourceTopics)} and '{source.Name}' of {string.Join(", ", source.SourceTopics)} " +
                    "overlap. Read each topic with a stream of its own and merge the streams.");
            }

            foreach (var child in source.Children.ToList())
            {
                source.RemoveChild(child);
                other.AddChild(child);
            }

            Roots.Remove(source);
            ReplaceSource(source.Name, other.Name);
        }
    }

    private void KeepNullKeysForJoins()
    {
        var keep = new Dictionary<GraphNode, bool>();
        foreach (var root in Roots)
            Visit(root);

        bool Visit(GraphNode node)
        {
            if (keep.TryGetValue(node, out var known))
                return known;

            var takes = false;
            foreach (var child in node.Children)
                takes |= Visit(child) | child.TakesNullKeys;
            if (node.Repartition is { } repartition)
                repartition.DropsNullKeys = !takes;
            return keep[node] = takes;
        }
    }
}
