using System.Collections.Concurrent;

namespace Streams;

/// <summary>A topology for one application: subtopologies, the topics they read and write by their names in Kafka.</summary>
internal sealed class CompiledTopology
{
    private readonly Topology _topology;

    // Patterns match more topics while threads look up what they were assigned.
    private readonly ConcurrentDictionary<string, Subtopology> _readers = new();

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
                _readers[Topics.Resolve(topic)] = subtopology;
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
    public IReadOnlyCollection<string> SourceTopics => [.. _readers.Keys];

    /// <summary>Repartition topics, with how many partitions they are to have where that was asked for.</summary>
    public IReadOnlyDictionary<string, int?> RepartitionTopics { get; }

    /// <summary>Groups of topics that must have as many partitions as each other.</summary>
    public IEnumerable<IReadOnlyList<string>> Copartitioned =>
        _topology.Copartitioned.Select(sources => (IReadOnlyList<string>)
            [.. _topology.Nodes.Where(n => sources.Contains(n.Name)).SelectMany(Topics.ReadBy).Distinct().Order(StringComparer.Ordinal)]);

    public Subtopology? ReaderOf(string topic) => _readers.GetValueOrDefault(topic);

    /// <summary>
    /// Takes up the topics that patterns match, of those that exist now, and drops those that are gone. Not Kafka's own topics, nor the application's:
    /// it would read what it writes.
    /// </summary>
    public void MatchPatterns(IReadOnlyCollection<string> existing)
    {
        if (!HasPatterns)
            return;

        foreach (var gone in Topics.Matched.Except(existing))
        {
            Topics.Forget(gone);
            _readers.TryRemove(gone, out _);
        }

        foreach (var topic in existing.Where(t => !_readers.ContainsKey(t) && !IsOwn(t)).Order(StringComparer.Ordinal))
        {
            if (Topics.Match(topic) is { } source)
                _readers[topic] = Subtopologies.First(s => s.Nodes.Contains(source));
        }
    }

    private bool IsOwn(string topic) =>
        topic.StartsWith("__", StringComparison.Ordinal)
        || GlobalTopics.Contains(topic)
        || Subtopologies.Any(s => s.Stores.Any(b => b.Logged && Topics.Changelog(b.Name) == topic));
}
