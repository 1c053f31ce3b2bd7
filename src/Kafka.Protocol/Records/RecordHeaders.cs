namespace Kafka.Protocol;

/// <summary>A record's headers in place, for <c>foreach</c>.</summary>
/// <remarks>The record's reader has walked them once before, so what is read here is known to be whole.</remarks>
public ref struct RecordHeaders
{
    private RecordFields _fields;
    private int _left;

    internal RecordHeaders(ReadOnlySpan<byte> bytes, int count)
    {
        _fields = new RecordFields(bytes);
        _left = count;
    }

    /// <summary>The header that <see cref="MoveNext"/> went to.</summary>
    public RecordHeaderView Current { get; private set; }

    /// <summary>This, for <c>foreach</c>.</summary>
    public readonly RecordHeaders GetEnumerator() => this;

    /// <summary>Goes to the next header.</summary>
    public bool MoveNext()
    {
        if (_left-- <= 0)
            return false;
        var key = _fields.ReadBytes(out _);
        var value = _fields.ReadBytes(out var hasValue);
        Current = new RecordHeaderView(key, hasValue, value);
        return true;
    }
}

/// <summary>One header in place.</summary>
public readonly ref struct RecordHeaderView
{
    internal RecordHeaderView(ReadOnlySpan<byte> key, bool hasValue, ReadOnlySpan<byte> value)
    {
        Key = key;
        HasValue = hasValue;
        Value = value;
    }

    /// <summary>The name, in UTF-8.</summary>
    public ReadOnlySpan<byte> Key { get; }

    /// <summary>Whether there is a value.</summary>
    public bool HasValue { get; }

    /// <summary>The value; empty where there is none.</summary>
    public ReadOnlySpan<byte> Value { get; }
}
