using System.Buffers.Binary;

namespace Kafka.Protocol.Tests;

public sealed class RecordBatchTests
{
    // Written out by hand from the format: one record, key "k", value "v", no header, at 1,000 ms.
    private static readonly byte[] OneRecord = Sealed(
        "0000000000000000 0000003A FFFFFFFF 02 00000000" + // base offset, length, leader epoch, magic, crc (filled in below)
        "0000 00000000 00000000000003E8 00000000000003E8" + // attributes, last offset delta, base and max timestamp
        "FFFFFFFFFFFFFFFF FFFF FFFFFFFF 00000001" + // producer, its epoch, base sequence, count
        "10 00 00 00 02 6B 02 76 00"); // length 8, attributes, deltas, key, value, no headers

    private static byte[] Sealed(string hex)
    {
        var batch = Convert.FromHexString(hex.Replace(" ", "", StringComparison.Ordinal));
        RecordBatch.SealCrc(batch);
        return batch;
    }

    private static byte[] With(Action<byte[]> change, bool reseal = true)
    {
        var batch = OneRecord.ToArray();
        change(batch);
        if (reseal)
            RecordBatch.SealCrc(batch);
        return batch;
    }

    [Fact]
    public void A_whole_batch_is_valid_whatever_follows_it()
    {
        var status = RecordBatch.Check([.. OneRecord, 1, 2, 3], out var header);

        Assert.Equal(RecordBatchStatus.Valid, status);
        Assert.Equal(OneRecord.Length, header.TotalBytes);
        Assert.Equal((1, 0L, 1L, 1000L), (header.Count, header.BaseOffset, header.NextOffset, header.MaxTimestamp));
        Assert.False(header.HasProducer);
    }

    [Fact]
    public void Every_cut_of_a_batch_asks_for_more()
    {
        for (var length = 0; length < OneRecord.Length; length++)
            Assert.Equal(RecordBatchStatus.NeedMoreData, RecordBatch.Check(OneRecord.AsSpan(0, length), out _));
    }

    [Fact]
    public void Every_flipped_bit_under_the_checksum_is_noticed()
    {
        for (var at = RecordBatchHeader.CrcAt; at < OneRecord.Length; at++)
        {
            for (var bit = 0; bit < 8; bit++)
            {
                var flipped = With(b => b[at] ^= (byte)(1 << bit), reseal: false);
                Assert.Equal(RecordBatchStatus.BadChecksum, RecordBatch.Check(flipped, out _));
            }
        }
    }

    [Fact]
    public void A_tail_of_zeros_is_told_apart_from_damage() =>
        Assert.Equal(RecordBatchStatus.Unwritten, RecordBatch.Check(new byte[4096], out _));

    [Theory]
    [InlineData(-1)]
    [InlineData(48)]
    [InlineData(int.MaxValue)]
    [InlineData(int.MinValue)]
    public void A_length_no_batch_can_have_is_refused(int length)
    {
        var batch = With(b => BinaryPrimitives.WriteInt32BigEndian(b.AsSpan(RecordBatchHeader.LengthAt), length));

        Assert.Equal(RecordBatchStatus.BadLength, RecordBatch.Check(batch, out _, batchBytesMax: 1 << 20));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(3)]
    public void Other_formats_are_refused_by_name(byte magic) =>
        Assert.Equal(RecordBatchStatus.UnsupportedMagic, RecordBatch.Check(With(b => b[RecordBatchHeader.MagicAt] = magic), out _));

    [Theory]
    [InlineData(2, 0)]
    [InlineData(-1, 0)]
    [InlineData(1, -1)]
    public void Counts_that_contradict_each_other_are_refused(int count, int lastOffsetDelta)
    {
        var batch = With(b =>
        {
            BinaryPrimitives.WriteInt32BigEndian(b.AsSpan(RecordBatchHeader.CountAt), count);
            BinaryPrimitives.WriteInt32BigEndian(b.AsSpan(RecordBatchHeader.LastOffsetDeltaAt), lastOffsetDelta);
        });

        Assert.Equal(RecordBatchStatus.BadCount, RecordBatch.Check(batch, out _));
    }

    [Fact]
    public void Placing_a_batch_leaves_its_checksum_right()
    {
        var batch = OneRecord.ToArray();

        RecordBatch.Place(batch, baseOffset: 42, leaderEpoch: 7);

        Assert.Equal(RecordBatchStatus.Valid, RecordBatch.Check(batch, out var header));
        Assert.Equal((42L, 7, 43L), (header.BaseOffset, header.LeaderEpoch, header.NextOffset));
    }

    [Fact]
    public void Stamping_a_batch_renews_its_checksum()
    {
        var batch = OneRecord.ToArray();

        RecordBatch.StampLogAppendTime(batch, 123_456);

        Assert.Equal(RecordBatchStatus.Valid, RecordBatch.Check(batch, out var header));
        Assert.True(header.IsLogAppendTime);
        Assert.Equal((123_456L, 1000L), (header.MaxTimestamp, header.BaseTimestamp));
    }

    [Fact]
    public void The_sequence_after_the_largest_is_zero()
    {
        var batch = With(b =>
        {
            BinaryPrimitives.WriteInt64BigEndian(b.AsSpan(RecordBatchHeader.ProducerIdAt), 9);
            BinaryPrimitives.WriteInt16BigEndian(b.AsSpan(RecordBatchHeader.ProducerEpochAt), 0);
            BinaryPrimitives.WriteInt32BigEndian(b.AsSpan(RecordBatchHeader.BaseSequenceAt), int.MaxValue);
            BinaryPrimitives.WriteInt32BigEndian(b.AsSpan(RecordBatchHeader.LastOffsetDeltaAt), 1);
            BinaryPrimitives.WriteInt32BigEndian(b.AsSpan(RecordBatchHeader.CountAt), 2);
        });

        Assert.Equal(0, new RecordBatchHeader(batch).LastSequence);
    }

    [Fact]
    public void A_clients_batch_is_accepted_as_it_is() =>
        Assert.Equal(ErrorCode.None, ProducedBatch.Check(OneRecord, produceVersion: 3, out _, out _));

    public static TheoryData<byte[], ErrorCode> Refused => new()
    {
        { [], ErrorCode.CorruptMessage },
        { [.. OneRecord, .. OneRecord], ErrorCode.InvalidRecord },
        { OneRecord[..^1], ErrorCode.CorruptMessage },
        { With(b => b[^1] ^= 1, reseal: false), ErrorCode.CorruptMessage },
        { With(b => b[7] = 1), ErrorCode.InvalidRecord }, // base offset
        { With(b => b[RecordBatchHeader.MagicAt] = 1), ErrorCode.UnsupportedForMessageFormat },
        { With(b => b[RecordBatchHeader.AttributesAt + 1] = 0x20), ErrorCode.InvalidRecord }, // control
        { With(b => b[RecordBatchHeader.AttributesAt + 1] = 0x10), ErrorCode.InvalidRecord }, // transactional, no producer
        { With(b => b[RecordBatchHeader.AttributesAt + 1] = 0x04), ErrorCode.UnsupportedCompressionType }, // zstd before v7
        { With(b => b[RecordBatchHeader.AttributesAt + 1] = 0x05), ErrorCode.UnsupportedCompressionType },
        { With(b => b.AsSpan(RecordBatchHeader.ProducerIdAt, 8).Clear()), ErrorCode.InvalidRecord }, // a producer without sequence
        { With(b => b[RecordBatchHeader.CountAt + 3] = 0), ErrorCode.InvalidRecord }, // no record
    };

    [Theory]
    [MemberData(nameof(Refused))]
    public void A_batch_that_breaks_a_rule_is_refused_with_its_reason(byte[] records, ErrorCode expected)
    {
        Assert.Equal(expected, ProducedBatch.Check(records, produceVersion: 3, out _, out var reason));
        Assert.False(string.IsNullOrEmpty(reason));
    }
}
