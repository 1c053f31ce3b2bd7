using Streams.Contracts.V1;

namespace Gateway.Forwarding;

/// <summary>The tags that events are forwarded under, and which one is whose: <c>logs.error</c> for an error, <c>heartbeats</c>.</summary>
/// <remarks>
/// Chunks are made by tag and overtake each other. A Fluentd that writes the topics must keep a node's records in their order, since the
/// monitor takes what was overtaken for seen; so where events carry the protobuf, all log records have the one tag <c>logs.all</c>.
/// </remarks>
internal static class EventTags
{
    /// <summary>All of them, each at its number.</summary>
    public static string[] All(FluentdOptions options) => options.IncludeProtobuf
        ? [$"{options.LogsTag}.all", options.HeartbeatsTag]
        : [.. BatchTally.Levels.Select(level => $"{options.LogsTag}.{level}"), options.HeartbeatsTag];

    /// <summary>The number of a log record's tag.</summary>
    public static int Of(Severity severity, FluentdOptions options) => options.IncludeProtobuf ? 0 : BatchTally.LevelOf(severity);

    /// <summary>The number of the heartbeats' tag: the last.</summary>
    public static int Heartbeats(FluentdOptions options) => options.IncludeProtobuf ? 1 : BatchTally.Levels.Length;
}
