namespace Streams;

/// <summary>A topology for one application: subtopologies, the topics they read and write by their names in Kafka.</summary>
internal sealed class CompiledTopology
{
    private readonly Dictionary<string, Subtopology> _readers = [];

    public CompiledTopology(Topology topology, string applicationId)
    {
        topology.Validate();
        Topics = new(applicationId, topology.InternalTopicNames);
        Subtopologies = Subtopology.Of(topology);
        foreach (var subtopology in Subtopologies)
        {
            foreach (var topic in subtopology.SourceTopics)
                _readers.Add(Topics.Resolve(topic), subtopology);
        }

        RepartitionTopics = topology.InternalTopicNames.Select(Topics.Resolve).ToHashSet();
        Copartitioned =
        [
            .. topology.Copartitioned.Select(sources => (IReadOnlyList<string>)
                [.. topology.Nodes.Where(n => sources.Contains(n.Name)).SelectMany(n => n.SourceTopics).Select(Topics.Resolve).Distinct()]),
        ];
    }

    public InternalTopics Topics { get; }

    public IReadOnlyList<Subtopology> Subtopologies { get; }

    /// <summary>Every topic that is read, repartition topics included.</summary>
    public IReadOnlyCollection<string> SourceTopics => _readers.Keys;

    public IReadOnlySet<string> RepartitionTopics { get; }

    /// <summary>Groups of topics that must have as many partitions as each other.</summary>
    public IReadOnlyList<IReadOnlyList<string>> Copartitioned { get; }

    public Subtopology? ReaderOf(string topic) => _readers.GetValueOrDefault(topic);
}
