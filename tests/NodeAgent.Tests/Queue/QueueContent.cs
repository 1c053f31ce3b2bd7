using Google.Protobuf;
using NodeAgent.Queue;
using Streams.Contracts.V1;

namespace NodeAgent.Tests.Queue;

internal static class QueueContent
{
    /// <summary>Every record that is not acknowledged, decoded with the generated code.</summary>
    public static IReadOnlyList<LogRecord> ReadAll(this DiskQueue queue, int recordsMax = 1000, int bytesMax = 1 << 20)
    {
        using var reader = queue.OpenReader();
        var batch = new QueueBatch();
        var records = new List<LogRecord>();
        while (reader.TryRead(batch, recordsMax, bytesMax))
        {
            var decoded = LogBatch.Parser.ParseFrom(batch.Records.ToArray());
            Assert.Equal(batch.Count, decoded.Records.Count);
            for (var i = 0; i < batch.Count; i++)
            {
                Assert.Equal(batch.Epoch, decoded.Records[i].Position.Epoch);
                Assert.Equal(batch.FirstSequence + (ulong)i, decoded.Records[i].Position.Sequence);
            }

            records.AddRange(decoded.Records);
        }

        return records;
    }

    /// <summary>Adds one entry of records with these messages, and moves a file's position.</summary>
    public static void Append(this DiskQueue queue, string[] messages, FileMark? mark = null)
    {
        using var entry = queue.Begin();
        foreach (var message in messages)
            entry.Add(new LogRecord { NodeId = "n1", Message = message }.ToByteArray());
        if (mark is not null)
            entry.Move(mark);
        entry.Commit();
    }
}
