namespace Streams;

/// <summary>A topology for one application: subtopologies, the topics they read and write by their names in Kafka.</summary>
internal sealed class CompiledTopology
{
    private readonly Topology _topology;
    private readonly Dictionary<string, Subtopology> _readers = [];

    public CompiledTopology(Topology topology, string applicationId)
    {
        topology.Validate();
        _topology = topology;
        Topics = new(applicationId, topology);
        var all = Subtopology.Of(topology);
        Subtopologies = [.. all.Where(s => !s.IsGlobal)];
        Global = all.Any(s => s.IsGlobal)
            ? new(-1, [.. all.Where(s => s.IsGlobal).SelectMany(s => s.Nodes)], [.. topology.GlobalStores.Values])
            : null;
        foreach (var subtopology in Subtopologies)
        {
            foreach (var topic in subtopology.SourceTopics)
                _readers.Add(Topics.Resolve(topic), subtopology);
        }

        RepartitionTopics = topology.InternalTopics.ToDictionary(t => Topics.Resolve(t.Key), t => t.Value);
    }

    public InternalTopics Topics { get; }

    /// <summary>Those that have tasks.</summary>
    public IReadOnlyList<Subtopology> Subtopologies { get; }

    /// <summary>The global stores with what fills them; null where there are none.</summary>
    public Subtopology? Global { get; }

    /// <summary>The topics of the global stores.</summary>
    public IEnumerable<string> GlobalTopics => Global?.SourceTopics ?? [];

    public bool HasPatterns => _topology.Nodes.Any(n => n.SourcePattern is not null);

    /// <summary>Every topic that tasks read, repartition topics and what patterns matched included.</summary>
    public IReadOnlyCollection<string> SourceTopics => _readers.Keys;

    /// <summary>Repartition topics, with how many partitions they are to have where that was asked for.</summary>
    public IReadOnlyDictionary<string, int?> RepartitionTopics { get; }

    /// <summary>Groups of topics that must have as many partitions as each other.</summary>
    public IEnumerable<IReadOnlyList<string>> Copartitioned =>
        _topology.Copartitioned.Select(sources => (IReadOnlyList<string>)
            [.. _topology.Nodes.Where(n => sources.Contains(n.Name)).SelectMany(Topics.ReadBy).Distinct().Order(StringComparer.Ordinal)]);

    public Subtopology? ReaderOf(string topic) => _readers.GetValueOrDefault(topic);

    /// <summary>Takes up the topics that patterns match, of those that exist now.</summary>
    public void MatchPatterns(IEnumerable<string> existing)
    {
        if (!HasPatterns)
            return;

        foreach (var topic in existing.Where(t => !_readers.ContainsKey(t)).Order(StringComparer.Ordinal))
        {
            if (Topics.Match(topic) is { } source)
                _readers.Add(topic, Subtopologies.First(s => s.Nodes.Contains(source)));
        }
    }
}
