using System.Buffers;
using System.Buffers.Binary;

namespace Streams.Processing;

/// <summary>Where a record waits for a partner: by its time, right before left, then by key.</summary>
internal readonly struct UnmatchedKey<TKey>(long time, bool isLeft, TKey key) : IEquatable<UnmatchedKey<TKey>>
{
    public readonly long Time = time;
    public readonly bool IsLeft = isLeft;
    public readonly TKey Key = key;

    public bool Equals(UnmatchedKey<TKey> other) => Time == other.Time && IsLeft == other.IsLeft && KeysEqual(Key, other.Key);

    public override bool Equals(object? obj) => obj is UnmatchedKey<TKey> other && Equals(other);

    public override int GetHashCode()
    {
        var hash = new HashCode();
        hash.Add(Time);
        hash.Add(IsLeft);
        if (Key is byte[] bytes)
            hash.AddBytes(bytes);
        else
            hash.Add(Key);
        return hash.ToHashCode();
    }

    // Arrays compare by reference; as keys they are their bytes.
    private static bool KeysEqual(TKey left, TKey right) =>
        left is byte[] x && right is byte[] y ? x.AsSpan().SequenceEqual(y) : EqualityComparer<TKey>.Default.Equals(left, right);
}

/// <summary>Eight bytes of time, big-endian, one byte that is 1 for the left side, the key: Kafka Streams' <c>TimestampedKeyAndJoinSide</c>.</summary>
internal sealed class UnmatchedKeySerde<TKey>(ISerde<TKey> inner) : ISerde<UnmatchedKey<TKey>>
{
    private const int PrefixBytes = 9;

    public void Serialize(UnmatchedKey<TKey> value, IBufferWriter<byte> to)
    {
        var prefix = to.GetSpan(PrefixBytes);
        BinaryPrimitives.WriteInt64BigEndian(prefix, value.Time);
        prefix[8] = value.IsLeft ? (byte)1 : (byte)0;
        to.Advance(PrefixBytes);
        inner.Serialize(value.Key, to);
    }

    public UnmatchedKey<TKey> Deserialize(ReadOnlySpan<byte> from)
    {
        if (from.Length < PrefixBytes)
            throw new FormatException($"A waiting record's key begins with {PrefixBytes} bytes of time and side; there are {from.Length} in all.");

        return new(BinaryPrimitives.ReadInt64BigEndian(from), from[8] == 1, inner.Deserialize(from[PrefixBytes..]));
    }
}
