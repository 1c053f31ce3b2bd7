using System.Reflection;

namespace Streams.State;

/// <summary>When two keys are the same: where their bytes are.</summary>
internal static class KeyEquality
{
    /// <summary>
    /// The type's own equality where it has one; otherwise the bytes'. A key class without <c>Equals</c> would never be found again by
    /// reference, which no test with one object shows.
    /// </summary>
    public static IEqualityComparer<TKey>? For<TKey>(ISerde<TKey> serde)
    {
        if (serde is IKeyEquality<TKey> own)
            return own.Equality;
        if (typeof(TKey) == typeof(byte[]))
            return (IEqualityComparer<TKey>)(object)new ByteArrayEquality();
        if (typeof(TKey).IsValueType || OverridesEquals(typeof(TKey)))
            return null;
        return new SerializedEquality<TKey>(serde);
    }

    private static bool OverridesEquals(Type type) =>
        type.GetMethod(nameof(Equals), BindingFlags.Public | BindingFlags.Instance, [typeof(object)])?.DeclaringType != typeof(object);

    private sealed class ByteArrayEquality : IEqualityComparer<byte[]>
    {
        public bool Equals(byte[]? x, byte[]? y) => x.AsSpan().SequenceEqual(y);

        public int GetHashCode(byte[] obj)
        {
            var hash = new HashCode();
            hash.AddBytes(obj);
            return hash.ToHashCode();
        }
    }

    private sealed class SerializedEquality<TKey>(ISerde<TKey> serde) : IEqualityComparer<TKey>
    {
        [ThreadStatic]
        private static RecordBuffer? _buffer;

        public bool Equals(TKey? x, TKey? y)
        {
            if (x is null || y is null)
                return x is null && y is null;

            var buffer = _buffer ??= new RecordBuffer();
            buffer.Clear();
            serde.Serialize(x, buffer);
            var length = buffer.Length;
            serde.Serialize(y, buffer);
            return buffer.Span(0, length).SequenceEqual(buffer.From(length));
        }

        public int GetHashCode(TKey obj)
        {
            var buffer = _buffer ??= new RecordBuffer();
            buffer.Clear();
            serde.Serialize(obj, buffer);
            var hash = new HashCode();
            hash.AddBytes(buffer.From(0));
            return hash.ToHashCode();
        }
    }
}

/// <summary>A serde that knows when its keys are the same, as those of keys made of parts do.</summary>
internal interface IKeyEquality<TKey>
{
    /// <summary>Null where the type's own equality will do.</summary>
    IEqualityComparer<TKey>? Equality { get; }
}

/// <summary>A key beside its bytes, for stores that are read in order.</summary>
internal readonly record struct OrderedKey<TKey>(byte[] Bytes, TKey Key)
{
    public static IComparer<OrderedKey<TKey>> Comparer { get; } =
        Comparer<OrderedKey<TKey>>.Create((x, y) => x.Bytes.AsSpan().SequenceCompareTo(y.Bytes));

    public static OrderedKey<TKey> Of(TKey key, ISerde<TKey> serde, RecordBuffer buffer)
    {
        buffer.Clear();
        serde.Serialize(key, buffer);
        return new(buffer.From(0).ToArray(), key);
    }

    /// <summary>Where the keys that begin with <paramref name="prefix"/> begin.</summary>
    public static OrderedKey<TKey> Prefix<TPrefix>(TPrefix prefix, ISerde<TPrefix> serde, RecordBuffer buffer)
    {
        buffer.Clear();
        serde.Serialize(prefix, buffer);
        return new(buffer.From(0).ToArray(), default!);
    }

    /// <summary>Whether the key lies from <paramref name="first"/> to <paramref name="last"/>, both included; null is open.</summary>
    public bool IsWithin(byte[]? first, byte[]? last) =>
        (first is null || Bytes.AsSpan().SequenceCompareTo(first) >= 0) && (last is null || Bytes.AsSpan().SequenceCompareTo(last) <= 0);
}
