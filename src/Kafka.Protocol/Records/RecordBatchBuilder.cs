using System.Buffers;
using System.Buffers.Binary;
using System.Text;

namespace Kafka.Protocol;

/// <summary>Builds one batch, record by record: for control batches, internal logs and tests. Clients bring their own batches.</summary>
public sealed class RecordBatchBuilder
{
    private readonly ArrayBufferWriter<byte> _records = new();
    private int _count;
    private long _baseTimestamp;
    private long _maxTimestamp = long.MinValue;

    /// <summary>How the records are compressed. Default: not.</summary>
    public CompressionCodec Codec { get; init; }

    /// <summary>The first record's offset; brokers assign their own. Default 0.</summary>
    public long BaseOffset { get; init; }

    /// <summary>The leader's epoch; brokers write their own. Default -1.</summary>
    public int LeaderEpoch { get; init; } = -1;

    /// <summary>The idempotent producer, or <see cref="RecordBatchHeader.NoProducerId"/> (default).</summary>
    public long ProducerId { get; init; } = RecordBatchHeader.NoProducerId;

    /// <summary>The producer's epoch. Default -1.</summary>
    public short ProducerEpoch { get; init; } = -1;

    /// <summary>The first record's sequence number. Default -1.</summary>
    public int BaseSequence { get; init; } = -1;

    /// <summary>Attributes beside the codec.</summary>
    public RecordBatchAttributes Attributes { get; init; }

    /// <summary>Records so far.</summary>
    public int Count => _count;

    /// <summary>Adds a record.</summary>
    /// <param name="timestamp">Milliseconds since 1970.</param>
    /// <param name="key">The key, or null for none.</param>
    /// <param name="value">The value, or null for none.</param>
    /// <param name="headers">Headers in their order.</param>
    /// <returns>This builder.</returns>
    public RecordBatchBuilder Add(long timestamp, byte[]? key, byte[]? value, params ReadOnlySpan<RecordHeader> headers)
    {
        if (_count == 0)
            _baseTimestamp = timestamp;
        _maxTimestamp = Math.Max(_maxTimestamp, timestamp);

        var body = new ArrayBufferWriter<byte>();
        body.Write([(byte)0]);
        WriteVarlong(body, timestamp - _baseTimestamp);
        WriteVarint(body, _count);
        WriteBytes(body, key);
        WriteBytes(body, value);
        WriteVarint(body, headers.Length);
        foreach (var header in headers)
        {
            WriteBytes(body, Encoding.UTF8.GetBytes(header.Key));
            WriteBytes(body, header.Value);
        }

        WriteVarint(_records, body.WrittenCount);
        _records.Write(body.WrittenSpan);
        _count++;
        return this;
    }

    /// <summary>The batch, with its checksum.</summary>
    public byte[] Build()
    {
        if (_count == 0)
            throw new InvalidOperationException("A batch needs a record.");
        var body = _records;
        if (Codec != CompressionCodec.None)
        {
            body = new ArrayBufferWriter<byte>();
            RecordCompression.Compress(Codec, _records.WrittenSpan, body);
        }

        var batch = new byte[RecordBatchHeader.Bytes + body.WrittenCount];
        BinaryPrimitives.WriteInt64BigEndian(batch, BaseOffset);
        BinaryPrimitives.WriteInt32BigEndian(batch.AsSpan(RecordBatchHeader.LengthAt), batch.Length - RecordBatchHeader.PrefixBytes);
        BinaryPrimitives.WriteInt32BigEndian(batch.AsSpan(RecordBatchHeader.LeaderEpochAt), LeaderEpoch);
        batch[RecordBatchHeader.MagicAt] = RecordBatchHeader.CurrentMagic;
        BinaryPrimitives.WriteInt16BigEndian(batch.AsSpan(RecordBatchHeader.AttributesAt), (short)((int)Attributes | (int)Codec));
        BinaryPrimitives.WriteInt32BigEndian(batch.AsSpan(RecordBatchHeader.LastOffsetDeltaAt), _count - 1);
        BinaryPrimitives.WriteInt64BigEndian(batch.AsSpan(RecordBatchHeader.BaseTimestampAt), _baseTimestamp);
        BinaryPrimitives.WriteInt64BigEndian(batch.AsSpan(RecordBatchHeader.MaxTimestampAt), _maxTimestamp);
        BinaryPrimitives.WriteInt64BigEndian(batch.AsSpan(RecordBatchHeader.ProducerIdAt), ProducerId);
        BinaryPrimitives.WriteInt16BigEndian(batch.AsSpan(RecordBatchHeader.ProducerEpochAt), ProducerEpoch);
        BinaryPrimitives.WriteInt32BigEndian(batch.AsSpan(RecordBatchHeader.BaseSequenceAt), BaseSequence);
        BinaryPrimitives.WriteInt32BigEndian(batch.AsSpan(RecordBatchHeader.CountAt), _count);
        body.WrittenSpan.CopyTo(batch.AsSpan(RecordBatchHeader.Bytes));
        RecordBatch.SealCrc(batch);
        return batch;
    }

    private static void WriteVarint(ArrayBufferWriter<byte> to, int value) =>
        to.Advance(Varint.Write(to.GetSpan(Varint.BytesMax), value));

    private static void WriteVarlong(ArrayBufferWriter<byte> to, long value) =>
        to.Advance(Varint.WriteLong(to.GetSpan(Varint.LongBytesMax), value));

    private static void WriteBytes(ArrayBufferWriter<byte> to, byte[]? value)
    {
        WriteVarint(to, value?.Length ?? -1);
        to.Write(value);
    }
}
