using System.Text;
using Kafka.Protocol;

namespace Broker.Tests;

/// <summary>Batches as a producer would send them.</summary>
internal static class Batches
{
    public const long Noon = 1_767_268_800_000; // 2026-01-01 12:00 UTC

    public static byte[] Of(params string[] values) => At(Noon, values);

    public static byte[] At(long timestamp, params string[] values)
    {
        var builder = new RecordBatchBuilder();
        foreach (var value in values)
            builder.Add(timestamp, null, Encoding.UTF8.GetBytes(value));
        return builder.Build();
    }

    public static byte[] From(long producer, short epoch, int sequence, params string[] values)
    {
        var builder = new RecordBatchBuilder { ProducerId = producer, ProducerEpoch = epoch, BaseSequence = sequence };
        foreach (var value in values)
            builder.Add(Noon, null, Encoding.UTF8.GetBytes(value));
        return builder.Build();
    }

    /// <summary>Offset and value of every record in some batches, in their order.</summary>
    public static List<(long Offset, string Value)> Records(ReadOnlyMemory<byte> batches)
    {
        var read = new List<(long, string)>();
        for (var rest = batches.Span; !rest.IsEmpty;)
        {
            Assert.Equal(RecordBatchStatus.Valid, RecordBatch.Check(rest, out var header));
            using var records = BatchRecords.Open(rest);
            foreach (var record in records)
                read.Add((record.Offset, Encoding.UTF8.GetString(record.Value)));
            rest = rest[(int)header.TotalBytes..];
        }

        return read;
    }
}
