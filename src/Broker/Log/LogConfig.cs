namespace Broker.Log;

/// <summary>What one topic's logs are held to: the topic's own settings over the broker's defaults.</summary>
internal sealed record LogConfig
{
    /// <summary>Size in bytes at which a segment is closed.</summary>
    public required int SegmentBytes { get; init; }

    /// <summary>Age at which a segment is closed even if it is small.</summary>
    public required TimeSpan SegmentAge { get; init; }

    /// <summary>Age after which records go; null keeps them.</summary>
    public required TimeSpan? RetentionAge { get; init; }

    /// <summary>Bytes kept per partition; −1 for no limit.</summary>
    public required long RetentionBytes { get; init; }

    /// <summary>Largest batch in bytes, its 12 bytes of log overhead included.</summary>
    public required int MessageBytesMax { get; init; }

    /// <summary>Whether old segments are deleted.</summary>
    public bool Delete { get; init; } = true;

    /// <summary>Whether only the last record of a key is kept.</summary>
    public bool Compact { get; init; }

    /// <summary>Whether the broker stamps batches with its own time.</summary>
    public bool LogAppendTime { get; init; }

    /// <summary>How far ahead of the broker's clock a record's time may be; null for no limit.</summary>
    public TimeSpan? TimestampAheadMax { get; init; }

    /// <summary>How far behind the broker's clock a record's time may be; null for no limit.</summary>
    public TimeSpan? TimestampBehindMax { get; init; }

    /// <summary>How long a tombstone stays readable after compaction has met it.</summary>
    public TimeSpan DeleteRetention { get; init; } = TimeSpan.FromHours(24);

    /// <summary>Share of a log that must be new since the last compaction before it is worth another.</summary>
    public double DirtyRatioMin { get; init; } = 0.5;

    /// <summary>How long a record is safe from compaction after it was appended.</summary>
    public TimeSpan CompactionLagMin { get; init; } = TimeSpan.Zero;
}
