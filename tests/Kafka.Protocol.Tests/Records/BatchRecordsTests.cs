using System.Text;

namespace Kafka.Protocol.Tests;

public sealed class BatchRecordsTests
{
    private static readonly byte[] Value = Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat("a line of a log, like many others; ", 40)));

    public static TheoryData<CompressionCodec> Codecs => [.. Enum.GetValues<CompressionCodec>()];

    private static byte[] Build(CompressionCodec codec, int count = 500)
    {
        var builder = new RecordBatchBuilder { Codec = codec, BaseOffset = 100 };
        for (var i = 0; i < count; i++)
        {
            builder.Add(1_000_000 - i, i % 3 == 0 ? null : BitConverter.GetBytes(i), i % 5 == 0 ? null : Value[..(i % Value.Length)],
                new RecordHeader("trace", [(byte)i]), new RecordHeader("empty", null));
        }

        return builder.Build();
    }

    private static int Walk(ReadOnlySpan<byte> batch, int decompressedBytesMax = BatchRecords.DecompressedBytesMax)
    {
        using var records = BatchRecords.Open(batch, decompressedBytesMax);
        var count = 0;
        foreach (var record in records)
        {
            foreach (var header in record.Headers)
                Assert.InRange(header.Key.Length, 0, batch.Length * 100);
            count++;
        }

        return count;
    }

    [Theory]
    [MemberData(nameof(Codecs))]
    public void Records_come_out_of_a_batch_as_they_went_in(CompressionCodec codec)
    {
        var batch = Build(codec);
        Assert.Equal(RecordBatchStatus.Valid, RecordBatch.Check(batch, out var header));
        Assert.Equal((codec, 500, 1_000_000L), (header.Codec, header.Count, header.MaxTimestamp));

        using var records = BatchRecords.Open(batch);
        var i = 0;
        foreach (var record in records)
        {
            Assert.Equal(100 + i, record.Offset);
            Assert.Equal(1_000_000 - i, record.Timestamp);
            Assert.Equal(i % 3 != 0, record.HasKey);
            Assert.Equal(i % 3 == 0 ? [] : BitConverter.GetBytes(i), record.Key.ToArray());
            Assert.Equal(i % 5 != 0, record.HasValue);
            Assert.Equal(i % 5 == 0 ? [] : Value[..(i % Value.Length)], record.Value.ToArray());
            var headers = record.Headers;
            Assert.True(headers.MoveNext());
            Assert.Equal(("trace", (byte)i), (Encoding.UTF8.GetString(headers.Current.Key), headers.Current.Value[0]));
            Assert.True(headers.MoveNext());
            Assert.False(headers.Current.HasValue);
            Assert.False(headers.MoveNext());
            i++;
        }

        Assert.Equal(500, i);
    }

    [Theory]
    [MemberData(nameof(Codecs))]
    public void Damage_inside_a_batch_is_reported_and_nothing_worse(CompressionCodec codec)
    {
        var whole = Build(codec, count: 50);
        var random = new Random(20_26);
        for (var round = 0; round < 500; round++)
        {
            // The checksum is made right again: a producer can do that too.
            var batch = whole.ToArray();
            for (var change = random.Next(1, 5); change > 0; change--)
                batch[random.Next(RecordBatchHeader.Bytes, batch.Length)] = (byte)random.Next(256);
            RecordBatch.SealCrc(batch);

            var failure = Record.Exception(() => Walk(batch));

            Assert.True(failure is null or ProtocolException, $"round {round}: {failure}");
        }
    }

    [Theory]
    [MemberData(nameof(Codecs))]
    public void A_batch_cut_short_inside_its_records_is_reported(CompressionCodec codec)
    {
        var whole = Build(codec, count: 20);
        for (var length = RecordBatchHeader.Bytes; length < whole.Length - 8; length += 13)
        {
            var batch = whole[..length];
            System.Buffers.Binary.BinaryPrimitives.WriteInt32BigEndian(batch.AsSpan(RecordBatchHeader.LengthAt), length - RecordBatchHeader.PrefixBytes);

            Assert.Throws<ProtocolException>(() => Walk(batch));
        }
    }

    [Theory]
    [InlineData(CompressionCodec.Gzip)]
    [InlineData(CompressionCodec.Snappy)]
    [InlineData(CompressionCodec.Lz4)]
    [InlineData(CompressionCodec.Zstd)]
    public void A_batch_that_grows_beyond_its_limit_is_refused(CompressionCodec codec)
    {
        var bomb = new RecordBatchBuilder { Codec = codec }.Add(0, null, new byte[8 << 20]).Build();
        Assert.True(bomb.Length < 1 << 20);

        var before = GC.GetAllocatedBytesForCurrentThread();
        var failure = Assert.Throws<ProtocolException>(() => Walk(bomb, decompressedBytesMax: 1 << 20));

        Assert.Contains("1048576", failure.Message, StringComparison.Ordinal);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 8 << 20);
    }

    [Fact]
    public void Snappy_without_the_Java_framing_is_read_too()
    {
        var plain = Build(CompressionCodec.None, count: 30);
        var body = Snappier.Snappy.CompressToArray(plain.AsSpan(RecordBatchHeader.Bytes));
        byte[] batch = [.. plain.AsSpan(0, RecordBatchHeader.Bytes), .. body];
        System.Buffers.Binary.BinaryPrimitives.WriteInt32BigEndian(batch.AsSpan(RecordBatchHeader.LengthAt), batch.Length - RecordBatchHeader.PrefixBytes);
        batch[RecordBatchHeader.AttributesAt + 1] = (byte)CompressionCodec.Snappy;

        Assert.Equal(30, Walk(batch));
    }

    [Fact]
    public void The_brokers_time_wins_where_the_batch_says_so()
    {
        var batch = Build(CompressionCodec.Lz4, count: 3);
        RecordBatch.StampLogAppendTime(batch, 77);

        using var records = BatchRecords.Open(batch);
        foreach (var record in records)
            Assert.Equal(77, record.Timestamp);
    }

    [Fact]
    public void A_batch_that_compaction_emptied_has_no_records()
    {
        var batch = Build(CompressionCodec.None, count: 1)[..RecordBatchHeader.Bytes];
        System.Buffers.Binary.BinaryPrimitives.WriteInt32BigEndian(batch.AsSpan(RecordBatchHeader.LengthAt), batch.Length - RecordBatchHeader.PrefixBytes);
        System.Buffers.Binary.BinaryPrimitives.WriteInt32BigEndian(batch.AsSpan(RecordBatchHeader.CountAt), 0);
        RecordBatch.SealCrc(batch);

        Assert.Equal(RecordBatchStatus.Valid, RecordBatch.Check(batch, out _));
        Assert.Equal(0, Walk(batch));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_transaction_marker_says_how_the_transaction_ended(bool commit)
    {
        var batch = new TransactionMarker(commit, CoordinatorEpoch: 5).ToBatch(producerId: 12, producerEpoch: 3, timestamp: 99);

        Assert.Equal(RecordBatchStatus.Valid, RecordBatch.Check(batch, out var header));
        Assert.Equal((12L, (short)3, -1, true, true), (header.ProducerId, header.ProducerEpoch, header.BaseSequence, header.IsControl, header.IsTransactional));
        Assert.True(TransactionMarker.TryRead(batch, out var marker));
        Assert.Equal(new TransactionMarker(commit, 5), marker);
        Assert.Equal("0000000" + (commit ? "1" : "0"), Convert.ToHexString(batch.AsSpan(RecordBatchHeader.Bytes + 5, 4)));
    }
}
