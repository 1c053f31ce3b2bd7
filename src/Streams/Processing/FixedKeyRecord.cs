namespace Streams;

/// <summary>A record in a processor that may change everything but its key: only the engine makes one, and no method gives it another key.</summary>
/// <remarks>Source: KIP-820.</remarks>
public readonly struct FixedKeyRecord<TKey, TValue>
{
    private readonly Record<TKey, TValue> _record;

    internal FixedKeyRecord(in Record<TKey, TValue> record) => _record = record;

    /// <summary>The key; null or default where <see cref="HasKey"/> is false.</summary>
    public TKey Key => _record.Key;

    /// <summary>The value; null or default where <see cref="HasValue"/> is false.</summary>
    public TValue Value => _record.Value;

    /// <summary>Milliseconds since 1970-01-01 UTC.</summary>
    public long Timestamp => _record.Timestamp;

    /// <summary>The headers.</summary>
    public Headers Headers => _record.Headers;

    /// <summary>Whether there is a key.</summary>
    public bool HasKey => _record.HasKey;

    /// <summary>Whether there is a value: a record without one is a tombstone.</summary>
    public bool HasValue => _record.HasValue;

    internal Record<TKey, TValue> Record => _record;

    /// <summary>The same record with another value.</summary>
    public FixedKeyRecord<TKey, TNewValue> WithValue<TNewValue>(TNewValue value) => new(_record.WithValue(value));

    /// <summary>The same record without its value: a tombstone.</summary>
    public FixedKeyRecord<TKey, TNewValue> WithoutValue<TNewValue>() => new(_record.WithoutValue<TNewValue>());

    /// <summary>The same record at another time, in milliseconds since 1970-01-01 UTC.</summary>
    public FixedKeyRecord<TKey, TValue> WithTimestamp(long timestamp) => new(_record.WithTimestamp(timestamp));

    /// <summary>The same record with other headers.</summary>
    public FixedKeyRecord<TKey, TValue> WithHeaders(Headers headers) => new(_record.WithHeaders(headers));

    /// <summary>The same record with one more header.</summary>
    public FixedKeyRecord<TKey, TValue> WithHeader(string name, byte[]? value) => new(_record.WithHeader(name, value));
}
