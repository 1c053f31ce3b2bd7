using System.Buffers.Binary;
using System.Diagnostics;

namespace Kafka.Protocol;

/// <summary>A view of the 61 bytes in front of a batch's records (format v2, magic 2). It copies nothing and checks nothing.</summary>
/// <remarks>
/// Source: Kafka documentation, "Record Batch". Ask <see cref="RecordBatch.Check"/> whether the bytes can be trusted before acting on
/// what they say.
/// <code>
///  0 base offset   8 length  12 leader epoch  16 magic  17 crc │ covered by the crc from here:
/// 21 attributes   23 last offset delta  27 base timestamp  35 max timestamp
/// 43 producer id  51 producer epoch     53 base sequence   57 record count  61 records
/// </code>
/// </remarks>
public readonly ref struct RecordBatchHeader
{
    /// <summary>Bytes of the header.</summary>
    public const int Bytes = 61;

    /// <summary>The bytes in front that <see cref="BatchLength"/> does not count: the base offset and the length itself.</summary>
    public const int PrefixBytes = 12;

    /// <summary>The only format written since Kafka 0.11.</summary>
    public const byte CurrentMagic = 2;

    /// <summary>The producer id of a batch whose producer is not idempotent.</summary>
    public const long NoProducerId = -1;

    internal const int LengthAt = 8;
    internal const int LeaderEpochAt = 12;
    internal const int MagicAt = 16;
    internal const int CrcAt = 17;
    internal const int AttributesAt = 21;
    internal const int LastOffsetDeltaAt = 23;
    internal const int BaseTimestampAt = 27;
    internal const int MaxTimestampAt = 35;
    internal const int ProducerIdAt = 43;
    internal const int ProducerEpochAt = 51;
    internal const int BaseSequenceAt = 53;
    internal const int CountAt = 57;

    private readonly ReadOnlySpan<byte> _bytes;

    /// <summary>A view of the batch at the front of <paramref name="batch"/>, which holds at least <see cref="Bytes"/>.</summary>
    public RecordBatchHeader(ReadOnlySpan<byte> batch)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(batch.Length, Bytes);
        _bytes = batch[..Bytes];
    }

    /// <summary>The offset of the first record the batch had when it was appended.</summary>
    public long BaseOffset => BinaryPrimitives.ReadInt64BigEndian(_bytes);

    /// <summary>Bytes after the length field, as the batch claims them.</summary>
    public int BatchLength => BinaryPrimitives.ReadInt32BigEndian(_bytes[LengthAt..]);

    /// <summary>Bytes of the whole batch, as it claims them.</summary>
    public long TotalBytes => (long)BatchLength + PrefixBytes;

    /// <summary>The epoch of the leader that appended the batch.</summary>
    public int LeaderEpoch => BinaryPrimitives.ReadInt32BigEndian(_bytes[LeaderEpochAt..]);

    /// <summary>The format's number.</summary>
    public byte Magic => _bytes[MagicAt];

    /// <summary>CRC-32C of everything from the attributes to the batch's end.</summary>
    public uint Crc => BinaryPrimitives.ReadUInt32BigEndian(_bytes[CrcAt..]);

    /// <summary>The attribute bits.</summary>
    public RecordBatchAttributes Attributes => (RecordBatchAttributes)BinaryPrimitives.ReadInt16BigEndian(_bytes[AttributesAt..]);

    /// <summary>Last offset minus base offset, also after compaction has taken records out.</summary>
    public int LastOffsetDelta => BinaryPrimitives.ReadInt32BigEndian(_bytes[LastOffsetDeltaAt..]);

    /// <summary>The offset of the last record the batch had when it was appended.</summary>
    public long LastOffset => BaseOffset + LastOffsetDelta;

    /// <summary>The offset after the batch: where the next one starts, and where a reader goes on.</summary>
    public long NextOffset => LastOffset + 1;

    /// <summary>Milliseconds since 1970 that the records' timestamp deltas count from.</summary>
    public long BaseTimestamp => BinaryPrimitives.ReadInt64BigEndian(_bytes[BaseTimestampAt..]);

    /// <summary>The largest timestamp in the batch, in milliseconds since 1970.</summary>
    public long MaxTimestamp => BinaryPrimitives.ReadInt64BigEndian(_bytes[MaxTimestampAt..]);

    /// <summary>The idempotent producer, or <see cref="NoProducerId"/>.</summary>
    public long ProducerId => BinaryPrimitives.ReadInt64BigEndian(_bytes[ProducerIdAt..]);

    /// <summary>The producer's epoch.</summary>
    public short ProducerEpoch => BinaryPrimitives.ReadInt16BigEndian(_bytes[ProducerEpochAt..]);

    /// <summary>The producer's sequence number of the first record; -1 without one.</summary>
    public int BaseSequence => BinaryPrimitives.ReadInt32BigEndian(_bytes[BaseSequenceAt..]);

    /// <summary>
    /// The sequence number of the last record; after 2147483647 comes 0, and -1 stays -1.
    /// It follows from the offsets, not the count, so that it survives compaction.
    /// </summary>
    public int LastSequence => BaseSequence < 0 ? BaseSequence : (int)(((long)BaseSequence + LastOffsetDelta) & int.MaxValue);

    /// <summary>Records in the batch. Fewer than the offsets it spans after compaction.</summary>
    public int Count => BinaryPrimitives.ReadInt32BigEndian(_bytes[CountAt..]);

    /// <summary>How the records are compressed. Values above <see cref="CompressionCodec.Zstd"/> mean nothing yet.</summary>
    public CompressionCodec Codec => (CompressionCodec)(Attributes & RecordBatchAttributes.CodecMask);

    /// <summary>Whether the broker stamped the batch.</summary>
    public bool IsLogAppendTime => (Attributes & RecordBatchAttributes.LogAppendTime) != 0;

    /// <summary>Whether the batch belongs to a transaction.</summary>
    public bool IsTransactional => (Attributes & RecordBatchAttributes.Transactional) != 0;

    /// <summary>Whether the batch holds a marker.</summary>
    public bool IsControl => (Attributes & RecordBatchAttributes.Control) != 0;

    /// <summary>Whether an idempotent producer wrote the batch.</summary>
    public bool HasProducer => ProducerId != NoProducerId;

    /// <summary>One line for logs and error messages.</summary>
    public override string ToString()
    {
        Debug.Assert(_bytes.Length == Bytes);
        return $"batch of {Count} records at offset {BaseOffset}, {TotalBytes} bytes, codec {Codec}, producer {ProducerId}/{ProducerEpoch} from {BaseSequence}";
    }
}
