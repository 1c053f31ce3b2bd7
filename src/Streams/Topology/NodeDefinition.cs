using System.Text.RegularExpressions;
using Streams.Processing;

namespace Streams;

/// <summary>One node as declared: makes a fresh one for each task.</summary>
internal sealed class NodeDefinition(string name, IReadOnlyList<string> parents, Func<InternalTopics, IReadOnlySet<string>, Node> make)
{
    public string Name { get; } = name;

    public IReadOnlyList<string> Parents { get; } = parents;

    /// <summary>The stores that the node was connected to.</summary>
    public HashSet<string> Stores { get; } = [];

    /// <summary>What a source reads, as declared; empty for other nodes, and for a source of a pattern.</summary>
    public IReadOnlyList<string> SourceTopics { get; init; } = [];

    /// <summary>A source that reads every topic whose whole name matches.</summary>
    public Regex? SourcePattern { get; init; }

    public bool IsSource => SourceTopics.Count > 0 || SourcePattern is not null;

    /// <summary>The source of a global store: every instance reads all of its topic.</summary>
    public bool IsGlobal { get; init; }

    public bool IsSink { get; init; }

    /// <summary>What a sink writes, as declared; null for other nodes and for sinks that choose by record.</summary>
    public string? SinkTopic { get; init; }

    /// <summary>How a sink that chooses by record shows what chooses.</summary>
    public string? TopicChooser { get; init; }

    /// <summary>Whether this is a source of <paramref name="topic"/> by its pattern.</summary>
    public bool Matches(string topic) => SourcePattern?.Match(topic) is { Success: true } match && match.Length == topic.Length;

    public Node Make(InternalTopics topics) => make(topics, Stores);
}
