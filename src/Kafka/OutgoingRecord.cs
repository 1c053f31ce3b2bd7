namespace Kafka;

/// <summary>A record to produce. The spans are copied before the call that takes it returns.</summary>
public readonly ref struct OutgoingRecord
{
    /// <summary>The topic to write to.</summary>
    public required string Topic { get; init; }

    /// <summary>The partition, or null to choose it as Kafka's own clients do: murmur2 of the key, or spread where there is none.</summary>
    public int? Partition { get; init; }

    /// <summary>The key's bytes; meaningless where <see cref="HasKey"/> is false.</summary>
    public ReadOnlySpan<byte> Key { get; init; }

    /// <summary>Whether there is a key: an empty key and no key are different things.</summary>
    public bool HasKey { get; init; }

    /// <summary>The value's bytes; meaningless where <see cref="HasValue"/> is false.</summary>
    public ReadOnlySpan<byte> Value { get; init; }

    /// <summary>Whether there is a value. A record without one is a tombstone.</summary>
    public bool HasValue { get; init; }

    /// <summary>The record's headers; empty for none.</summary>
    public ReadOnlySpan<RecordHeader> Headers { get; init; }

    /// <summary>Milliseconds since 1970-01-01 UTC, or null for the time of the call.</summary>
    public long? TimestampMs { get; init; }
}
