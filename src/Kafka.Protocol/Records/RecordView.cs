namespace Kafka.Protocol;

/// <summary>One record in place: its key and value are slices of the batch (or of what the batch decompressed to), not copies.</summary>
public readonly ref struct RecordView
{
    private readonly ReadOnlySpan<byte> _headers;

    internal RecordView(
        long offset, long timestamp, bool hasKey, ReadOnlySpan<byte> key, bool hasValue, ReadOnlySpan<byte> value,
        int headerCount, ReadOnlySpan<byte> headers)
    {
        (Offset, Timestamp, HasKey, HasValue, HeaderCount) = (offset, timestamp, hasKey, hasValue, headerCount);
        Key = key;
        Value = value;
        _headers = headers;
    }

    /// <summary>The record's position in its partition.</summary>
    public long Offset { get; }

    /// <summary>Milliseconds since 1970.</summary>
    public long Timestamp { get; }

    /// <summary>Whether there is a key; an empty one is not the same as none.</summary>
    public bool HasKey { get; }

    /// <summary>The key; empty where there is none.</summary>
    public ReadOnlySpan<byte> Key { get; }

    /// <summary>Whether there is a value. A record without one deletes its key in a compacted topic.</summary>
    public bool HasValue { get; }

    /// <summary>The value; empty where there is none.</summary>
    public ReadOnlySpan<byte> Value { get; }

    /// <summary>Headers of the record.</summary>
    public int HeaderCount { get; }

    /// <summary>The headers, in their order.</summary>
    public RecordHeaders Headers => new(_headers, HeaderCount);
}
