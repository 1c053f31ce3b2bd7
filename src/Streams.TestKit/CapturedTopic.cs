using Kafka;

namespace Streams.TestKit;

/// <summary>What was produced to one topic and not read yet. Bytes lie in blocks, not in arrays of their own.</summary>
internal sealed class CapturedTopic(string name)
{
    private const int BlockBytes = 64 << 10;

    private readonly Queue<CapturedRecord> _records = new();
    private byte[] _block = [];
    private int _used;

    public string Name { get; } = name;

    public int Count => _records.Count;

    public bool TryTake(out CapturedRecord record) => _records.TryDequeue(out record);

    public CapturedRecord Append(scoped in OutgoingRecord record)
    {
        var key = Copy(record.HasKey, record.Key);
        var value = Copy(record.HasValue, record.Value);
        var captured = new CapturedRecord(key, value, record.TimestampMs ?? 0, record.Headers.IsEmpty ? null : Headers.Of(record.Headers))
        {
            HasTimestamp = record.TimestampMs is not null,
        };
        _records.Enqueue(captured);
        return captured;
    }

    private ReadOnlyMemory<byte>? Copy(bool present, ReadOnlySpan<byte> bytes)
    {
        if (!present)
            return null;
        if (bytes.Length > BlockBytes / 4)
            return bytes.ToArray();
        if (_used + bytes.Length > _block.Length)
            (_block, _used) = (new byte[BlockBytes], 0);

        var memory = _block.AsMemory(_used, bytes.Length);
        bytes.CopyTo(memory.Span);
        _used += bytes.Length;
        return memory;
    }
}

/// <summary>One produced record.</summary>
internal readonly record struct CapturedRecord(ReadOnlyMemory<byte>? Key, ReadOnlyMemory<byte>? Value, long Timestamp, Headers? Headers)
{
    /// <summary>False where the time was left to the producer, which in Kafka takes that of the call.</summary>
    public bool HasTimestamp { get; init; } = true;

    public RecordView View(long offset) => new()
    {
        Offset = offset,
        TimestampMs = Timestamp,
        Key = Key is { } key ? key.Span : default,
        HasKey = Key is not null,
        Value = Value is { } value ? value.Span : default,
        HasValue = Value is not null,
        Headers = Headers is null ? default : Headers.Span,
    };
}
