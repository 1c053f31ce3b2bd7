using Streams.Processing;

namespace Streams;

/// <summary>One node as declared: makes a fresh one for each task.</summary>
internal sealed class NodeDefinition(string name, IReadOnlyList<string> parents, Func<InternalTopics, IReadOnlySet<string>, Node> make)
{
    public string Name { get; } = name;

    public IReadOnlyList<string> Parents { get; } = parents;

    /// <summary>The stores that the node was connected to.</summary>
    public HashSet<string> Stores { get; } = [];

    /// <summary>What a source reads, as declared; empty for other nodes.</summary>
    public IReadOnlyList<string> SourceTopics { get; init; } = [];

    public bool IsSource => SourceTopics.Count > 0;

    public bool IsSink { get; init; }

    /// <summary>What a sink writes, as declared; null for other nodes and for sinks that choose by record.</summary>
    public string? SinkTopic { get; init; }

    public Node Make(InternalTopics topics) => make(topics, Stores);
}

/// <summary>Topics of the engine's own carry the application's id in Kafka; in the topology they do not.</summary>
internal sealed class InternalTopics(string applicationId, IReadOnlySet<string> declared)
{
    public IReadOnlySet<string> Declared { get; } = declared;

    public string Resolve(string topic) => Declared.Contains(topic) ? $"{applicationId}-{topic}" : topic;

    public string Changelog(string store) => $"{applicationId}-{store}-changelog";
}
