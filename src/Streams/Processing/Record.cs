namespace Streams;

/// <summary>A record on its way through a topology.</summary>
/// <remarks>
/// Where <typeparamref name="TKey"/> or <typeparamref name="TValue"/> is a value type, an absent key or value reads as its default;
/// <see cref="HasKey"/> and <see cref="HasValue"/> tell. Declare it nullable (<c>long?</c>) where lambdas must see the difference.
/// </remarks>
public readonly struct Record<TKey, TValue>
{
    private readonly Headers? _headers;
    private readonly Absence _absence;

    /// <summary>Makes a record.</summary>
    /// <param name="key">The key; null for none.</param>
    /// <param name="value">The value; null for a tombstone.</param>
    /// <param name="timestamp">Milliseconds since 1970-01-01 UTC.</param>
    /// <param name="headers">The headers; null for none.</param>
    public Record(TKey key, TValue value, long timestamp, Headers? headers = null)
        : this(key, value, timestamp, headers, Absence.None)
    {
    }

    internal Record(TKey key, TValue value, long timestamp, Headers? headers, Absence absence)
    {
        Key = key;
        Value = value;
        Timestamp = timestamp;
        _headers = headers;
        _absence = absence;
    }

    /// <summary>The key; null or default where <see cref="HasKey"/> is false.</summary>
    public TKey Key { get; }

    /// <summary>The value; null or default where <see cref="HasValue"/> is false.</summary>
    public TValue Value { get; }

    /// <summary>Milliseconds since 1970-01-01 UTC.</summary>
    public long Timestamp { get; }

    /// <summary>The headers.</summary>
    public Headers Headers => _headers ?? Headers.Empty;

    // Of a value type the default is not null, which is known when the code is compiled: asking the value itself would box it, for each record.

    /// <summary>Whether there is a key.</summary>
    public bool HasKey => (_absence & Absence.Key) == 0 && (default(TKey) is not null || Key is not null);

    /// <summary>Whether there is a value: a record without one is a tombstone.</summary>
    public bool HasValue => (_absence & Absence.Value) == 0 && (default(TValue) is not null || Value is not null);

    internal Headers? HeadersOrNull => _headers;

    /// <summary>The same record under another key.</summary>
    public Record<TNewKey, TValue> WithKey<TNewKey>(TNewKey key) => new(key, Value, Timestamp, _headers, _absence & Absence.Value);

    /// <summary>The same record with another value.</summary>
    public Record<TKey, TNewValue> WithValue<TNewValue>(TNewValue value) => new(Key, value, Timestamp, _headers, _absence & Absence.Key);

    /// <summary>The same record without its value: a tombstone.</summary>
    public Record<TKey, TNewValue> WithoutValue<TNewValue>() => new(Key, default!, Timestamp, _headers, (_absence & Absence.Key) | Absence.Value);

    /// <summary>The same record with key and value replaced.</summary>
    public Record<TNewKey, TNewValue> With<TNewKey, TNewValue>(TNewKey key, TNewValue value) => new(key, value, Timestamp, _headers);

    /// <summary>The same record at another time, in milliseconds since 1970-01-01 UTC.</summary>
    public Record<TKey, TValue> WithTimestamp(long timestamp) => new(Key, Value, timestamp, _headers, _absence);

    /// <summary>The same record with other headers.</summary>
    public Record<TKey, TValue> WithHeaders(Headers headers) => new(Key, Value, Timestamp, headers, _absence);

    /// <summary>The same record with one more header.</summary>
    public Record<TKey, TValue> WithHeader(string name, byte[]? value) => WithHeaders(Headers.With(name, value));
}

/// <summary>What a record lacks where its type has no null to say so.</summary>
[Flags]
internal enum Absence : byte
{
    None = 0,
    Key = 1,
    Value = 2,
}
