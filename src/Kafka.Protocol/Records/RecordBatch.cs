using System.Buffers.Binary;

namespace Kafka.Protocol;

/// <summary>Checks and patches whole record batches (format v2) in place; nothing here looks at the records.</summary>
public static class RecordBatch
{
    /// <summary>Looks at the batch at the front of <paramref name="source"/>: length, format, checksum, counts, in this order.</summary>
    /// <param name="source">Bytes that start with a batch; more may follow it.</param>
    /// <param name="header">The header, once <paramref name="source"/> is long enough for one; default before.</param>
    /// <param name="batchBytesMax">The longest batch to believe in. A log passes its limit so that a torn length cannot ask for 2 GiB.</param>
    public static RecordBatchStatus Check(ReadOnlySpan<byte> source, out RecordBatchHeader header, int batchBytesMax = int.MaxValue)
    {
        var status = CheckFrame(source, out header, batchBytesMax);
        if (status != RecordBatchStatus.Valid)
            return status;
        if (ComputeCrc(source[..(int)header.TotalBytes]) != header.Crc)
            return RecordBatchStatus.BadChecksum;

        // Compaction may leave fewer records than offsets, even none, but never more.
        return header.Count < 0 || header.LastOffsetDelta < 0 || header.Count > (long)header.LastOffsetDelta + 1
            ? RecordBatchStatus.BadCount
            : RecordBatchStatus.Valid;
    }

    /// <summary>
    /// <see cref="Check"/> without the checksum and counts: enough to walk bytes that were checked before, at the cost of a header per batch.
    /// </summary>
    public static RecordBatchStatus CheckFrame(ReadOnlySpan<byte> source, out RecordBatchHeader header, int batchBytesMax = int.MaxValue)
    {
        header = default;
        if (source.Length >= RecordBatchHeader.PrefixBytes)
        {
            // Judged before the rest of the header is there: a torn tail shorter than a header still says what it is.
            var length = BinaryPrimitives.ReadInt32BigEndian(source[RecordBatchHeader.LengthAt..]);
            if (length == 0)
                return RecordBatchStatus.Unwritten;
            if (length < RecordBatchHeader.Bytes - RecordBatchHeader.PrefixBytes || length > batchBytesMax - RecordBatchHeader.PrefixBytes)
            {
                // The two old formats may be shorter than a v2 header; name them for what they are.
                return length > 5 && source.Length > RecordBatchHeader.MagicAt && source[RecordBatchHeader.MagicAt] < RecordBatchHeader.CurrentMagic
                    ? RecordBatchStatus.UnsupportedMagic
                    : RecordBatchStatus.BadLength;
            }
        }

        if (source.Length < RecordBatchHeader.Bytes)
            return RecordBatchStatus.NeedMoreData;
        header = new RecordBatchHeader(source);
        if (header.Magic != RecordBatchHeader.CurrentMagic)
            return RecordBatchStatus.UnsupportedMagic;
        return header.TotalBytes > source.Length ? RecordBatchStatus.NeedMoreData : RecordBatchStatus.Valid;
    }

    /// <summary>The checksum the bytes of a whole batch call for.</summary>
    /// <param name="batch">Exactly one batch.</param>
    public static uint ComputeCrc(ReadOnlySpan<byte> batch) => Crc32C.Compute(batch[RecordBatchHeader.AttributesAt..]);

    /// <summary>Gives a batch its place in the log. Both fields lie outside the checksum, so nothing else changes.</summary>
    public static void Place(Span<byte> batch, long baseOffset, int leaderEpoch)
    {
        BinaryPrimitives.WriteInt64BigEndian(batch, baseOffset);
        BinaryPrimitives.WriteInt32BigEndian(batch[RecordBatchHeader.LeaderEpochAt..], leaderEpoch);
    }

    /// <summary>
    /// Stamps a batch with the broker's time, for topics whose <c>message.timestamp.type</c> is <c>LogAppendTime</c>, and renews the checksum.
    /// </summary>
    /// <param name="batch">Exactly one batch.</param>
    /// <param name="timestamp">Milliseconds since 1970.</param>
    public static void StampLogAppendTime(Span<byte> batch, long timestamp)
    {
        var attributes = BinaryPrimitives.ReadInt16BigEndian(batch[RecordBatchHeader.AttributesAt..]);
        BinaryPrimitives.WriteInt16BigEndian(
            batch[RecordBatchHeader.AttributesAt..], (short)(attributes | (short)RecordBatchAttributes.LogAppendTime));
        BinaryPrimitives.WriteInt64BigEndian(batch[RecordBatchHeader.MaxTimestampAt..], timestamp);
        SealCrc(batch);
    }

    internal static void SealCrc(Span<byte> batch) =>
        BinaryPrimitives.WriteUInt32BigEndian(batch[RecordBatchHeader.CrcAt..], ComputeCrc(batch));
}
