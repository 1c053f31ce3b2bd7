namespace Broker.Groups;

/// <summary>A group's position in one partition.</summary>
/// <param name="Offset">The next record to read; stored as it came, even past the log's end.</param>
/// <param name="LeaderEpoch">The epoch of the record before it, or -1.</param>
/// <param name="Metadata">Text of the client's own.</param>
/// <param name="CommittedAt">When it was committed, in milliseconds since 1970.</param>
internal readonly record struct CommittedOffset(long Offset, int LeaderEpoch, string Metadata, long CommittedAt);
