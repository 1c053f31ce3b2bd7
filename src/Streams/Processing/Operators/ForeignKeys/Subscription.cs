using System.Buffers;
using System.Buffers.Binary;

namespace Streams.Processing;

/// <summary>What a row asks of the foreign key that it refers to, or referred to until now.</summary>
internal enum SubscriptionInstruction : byte
{
    /// <summary>Forget the row; another record answers for it.</summary>
    DeleteQuietly = 0,

    /// <summary>Forget the row, and say that it has no partner any more.</summary>
    DeleteAndAnswer = 1,

    /// <summary>Remember the row, and answer in any case: an earlier result may have to go.</summary>
    AnswerAlways = 2,

    /// <summary>Remember the row, and answer where there is a value.</summary>
    AnswerIfPresent = 3,
}

/// <summary>A row of the left table as the right table's side knows it.</summary>
/// <param name="Hash">Of the row's serialised value; null where the row was deleted.</param>
/// <param name="Instruction">What to do.</param>
/// <param name="PrimaryKey">The row's key.</param>
/// <param name="PrimaryPartition">Where the row lies, and the answer goes; null where a version before 3.5 wrote the record.</param>
internal readonly record struct Subscription<TKey>(Hash128? Hash, SubscriptionInstruction Instruction, TKey PrimaryKey, int? PrimaryPartition);

/// <summary>What the right table's side answers.</summary>
/// <param name="Hash">The row's hash as it asked: the answer is void where the row has changed since.</param>
/// <param name="Value">The right table's value; meaningless where <paramref name="HasValue"/> is false.</param>
/// <param name="HasValue">Whether the right table has a value.</param>
/// <param name="PrimaryPartition">Where to send the answer. Not part of the record.</param>
internal readonly record struct SubscriptionResponse<TValue>(Hash128? Hash, TValue? Value, bool HasValue, int? PrimaryPartition);

/// <summary>Kafka Streams' <c>SubscriptionWrapper</c>, version 1.</summary>
/// <remarks>
/// Version byte, its top bit set where there is no hash; instruction; 16 bytes of hash, if any; primary key; 4 bytes of primary partition (KIP-213,
/// KAFKA-10336). Version 0 lacks the partition; it is read, never written.
/// </remarks>
internal sealed class SubscriptionSerde<TKey>(ISerde<TKey> keySerde) : ISerde<Subscription<TKey>>
{
    private const byte Version = 1;
    private const int HeaderBytes = 2;
    private const int PartitionBytes = sizeof(int);

    public void Serialize(Subscription<TKey> value, IBufferWriter<byte> to)
    {
        HashedRecord.WriteVersion(Version, value.Hash, to);
        to.GetSpan(1)[0] = (byte)value.Instruction;
        to.Advance(1);
        HashedRecord.WriteHash(value.Hash, to);
        keySerde.Serialize(value.PrimaryKey, to);
        BinaryPrimitives.WriteInt32BigEndian(to.GetSpan(PartitionBytes), value.PrimaryPartition ?? 0);
        to.Advance(PartitionBytes);
    }

    public Subscription<TKey> Deserialize(ReadOnlySpan<byte> from)
    {
        if (from.Length < HeaderBytes)
            throw new FormatException($"A subscription has at least {HeaderBytes} bytes; there are {from.Length}.");

        var version = HashedRecord.VersionOf(from[0], Version);
        var instruction = from[1] <= (byte)SubscriptionInstruction.AnswerIfPresent
            ? (SubscriptionInstruction)from[1]
            : throw new FormatException($"A subscription's instruction is 0 to 3, not {from[1]}.");
        var hash = HashedRecord.ReadHash(from[0], from[HeaderBytes..], out var rest);
        int? partition = null;
        if (version > 0)
        {
            if (rest.Length < PartitionBytes)
                throw new FormatException("A subscription ends in four bytes of partition; there are fewer.");
            partition = BinaryPrimitives.ReadInt32BigEndian(rest[^PartitionBytes..]);
            rest = rest[..^PartitionBytes];
        }

        return new(hash, instruction, keySerde.Deserialize(rest), partition);
    }
}

/// <summary>Kafka Streams' <c>SubscriptionResponseWrapper</c>, version 0: version byte, its top bit set where there is no hash; hash; value, if any.</summary>
internal sealed class SubscriptionResponseSerde<TValue>(ISerde<TValue> valueSerde) : ISerde<SubscriptionResponse<TValue>>
{
    private const byte Version = 0;

    public void Serialize(SubscriptionResponse<TValue> value, IBufferWriter<byte> to)
    {
        HashedRecord.WriteVersion(Version, value.Hash, to);
        HashedRecord.WriteHash(value.Hash, to);
        if (value.HasValue)
            valueSerde.Serialize(value.Value!, to);
    }

    public SubscriptionResponse<TValue> Deserialize(ReadOnlySpan<byte> from)
    {
        if (from.Length == 0)
            throw new FormatException("A subscription's response has at least one byte; there is none.");

        HashedRecord.VersionOf(from[0], Version);
        var hash = HashedRecord.ReadHash(from[0], from[1..], out var rest);
        return rest.Length == 0 ? new(hash, default, false, null) : new(hash, valueSerde.Deserialize(rest), true, null);
    }
}

/// <summary>What both records begin with.</summary>
internal static class HashedRecord
{
    private const byte NoHash = 0x80;
    private const int HashBytes = 16;

    public static void WriteVersion(byte version, Hash128? hash, IBufferWriter<byte> to)
    {
        to.GetSpan(1)[0] = hash is null ? (byte)(version | NoHash) : version;
        to.Advance(1);
    }

    public static void WriteHash(Hash128? hash, IBufferWriter<byte> to)
    {
        if (hash is not { } present)
            return;

        var room = to.GetSpan(HashBytes);
        BinaryPrimitives.WriteUInt64BigEndian(room, present.High);
        BinaryPrimitives.WriteUInt64BigEndian(room[8..], present.Low);
        to.Advance(HashBytes);
    }

    public static int VersionOf(byte first, byte versionMax)
    {
        var version = first & ~NoHash;
        return version <= versionMax
            ? version
            : throw new FormatException($"Version {version} of this foreign-key join record is newer than {versionMax}, the newest known here.");
    }

    public static Hash128? ReadHash(byte first, ReadOnlySpan<byte> from, out ReadOnlySpan<byte> rest)
    {
        rest = from;
        if ((first & NoHash) != 0)
            return null;
        if (from.Length < HashBytes)
            throw new FormatException($"A foreign-key join record has {HashBytes} bytes of hash; there are {from.Length}.");

        rest = from[HashBytes..];
        return new(BinaryPrimitives.ReadUInt64BigEndian(from), BinaryPrimitives.ReadUInt64BigEndian(from[8..]));
    }
}
