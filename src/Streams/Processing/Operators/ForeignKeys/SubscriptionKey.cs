using System.Buffers;
using System.Buffers.Binary;
using Streams.State;

namespace Streams.Processing;

/// <summary>Foreign key and primary key: what the subscription store is keyed by, so that one foreign key's rows lie together.</summary>
internal readonly record struct SubscriptionKey<TForeign, TPrimary>(TForeign ForeignKey, TPrimary PrimaryKey);

/// <summary>Kafka Streams' <c>CombinedKeySchema</c>: 4 bytes of the foreign key's length, foreign key, primary key.</summary>
internal sealed class SubscriptionKeySerde<TForeign, TPrimary>(ISerde<TForeign> foreignSerde, ISerde<TPrimary> primarySerde)
    : ISerde<SubscriptionKey<TForeign, TPrimary>>, IKeyEquality<SubscriptionKey<TForeign, TPrimary>>
{
    private readonly ForeignKeyPrefixSerde<TForeign> _prefix = new(foreignSerde);

    /// <summary>Writes the part that all rows of a foreign key share.</summary>
    public ISerde<TForeign> PrefixSerde => _prefix;

    public IEqualityComparer<SubscriptionKey<TForeign, TPrimary>>? Equality =>
        (KeyEquality.For(foreignSerde), KeyEquality.For(primarySerde)) is (var foreign, var primary) && (foreign ?? (object?)primary) is not null
            ? new PartwiseEquality(foreign ?? EqualityComparer<TForeign>.Default, primary ?? EqualityComparer<TPrimary>.Default)
            : null;

    public void Serialize(SubscriptionKey<TForeign, TPrimary> value, IBufferWriter<byte> to)
    {
        _prefix.Serialize(value.ForeignKey, to);
        primarySerde.Serialize(value.PrimaryKey, to);
    }

    public SubscriptionKey<TForeign, TPrimary> Deserialize(ReadOnlySpan<byte> from)
    {
        var foreign = ForeignKeyPrefixSerde<TForeign>.Take(from, out var primary);
        return new(foreignSerde.Deserialize(foreign), primarySerde.Deserialize(primary));
    }

    private sealed class PartwiseEquality(IEqualityComparer<TForeign> foreign, IEqualityComparer<TPrimary> primary)
        : IEqualityComparer<SubscriptionKey<TForeign, TPrimary>>
    {
        public bool Equals(SubscriptionKey<TForeign, TPrimary> x, SubscriptionKey<TForeign, TPrimary> y) =>
            foreign.Equals(x.ForeignKey, y.ForeignKey) && primary.Equals(x.PrimaryKey, y.PrimaryKey);

        public int GetHashCode(SubscriptionKey<TForeign, TPrimary> obj) =>
            HashCode.Combine(foreign.GetHashCode(obj.ForeignKey!), primary.GetHashCode(obj.PrimaryKey!));
    }
}

/// <summary>A foreign key with its length before it.</summary>
internal sealed class ForeignKeyPrefixSerde<TForeign>(ISerde<TForeign> foreignSerde) : ISerde<TForeign>
{
    private const int LengthBytes = sizeof(int);

    [ThreadStatic]
    private static RecordBuffer? _scratch;

    public void Serialize(TForeign value, IBufferWriter<byte> to)
    {
        // The length goes before the bytes, so these are written aside first.
        var scratch = _scratch ??= new RecordBuffer();
        scratch.Clear();
        foreignSerde.Serialize(value, scratch);
        BinaryPrimitives.WriteInt32BigEndian(to.GetSpan(LengthBytes), scratch.Length);
        to.Advance(LengthBytes);
        to.Write(scratch.From(0));
    }

    public TForeign Deserialize(ReadOnlySpan<byte> from) => foreignSerde.Deserialize(Take(from, out _));

    public static ReadOnlySpan<byte> Take(ReadOnlySpan<byte> from, out ReadOnlySpan<byte> rest)
    {
        if (from.Length < LengthBytes)
            throw new FormatException($"A foreign key has {LengthBytes} bytes of length before it; there are {from.Length} bytes.");

        var length = BinaryPrimitives.ReadInt32BigEndian(from);
        if (length < 0 || length > from.Length - LengthBytes)
            throw new FormatException($"A foreign key says that it has {length} bytes; there are {from.Length - LengthBytes}.");

        rest = from[(LengthBytes + length)..];
        return from.Slice(LengthBytes, length);
    }
}
