using Kafka.Protocol;

namespace Broker.Log;

/// <summary>Finds records by time inside a segment, to the record and not just to the batch.</summary>
internal static class TimeLookup
{
    /// <summary>The first record at or after <paramref name="timestamp"/> among the offsets from <paramref name="start"/> up to <paramref name="until"/>.</summary>
    public static RecordPoint? FirstAtOrAfter(LogSegment segment, long timestamp, long start, long until)
    {
        using var walker = segment.BatchesSince(timestamp);
        while (walker.MoveNext())
        {
            var header = walker.Header;
            if (header.BaseOffset >= until)
                return null;
            if (header.MaxTimestamp >= timestamp && header.LastOffset >= start && FirstInBatch(walker.Batch.Span, timestamp, start, until) is { } found)
                return found;
        }

        return null;
    }

    private static RecordPoint? FirstInBatch(ReadOnlySpan<byte> batch, long timestamp, long start, long until)
    {
        try
        {
            using var records = BatchRecords.Open(batch);
            foreach (var record in records)
            {
                if (record.Timestamp >= timestamp && record.Offset >= start && record.Offset < until)
                    return new(record.Offset, record.Timestamp);
            }

            return null;
        }
        catch (ProtocolException)
        {
            // The header's checksum holds, but its producer put nonsense inside. Consumers will meet it; this answer stays at the batch.
            var header = new RecordBatchHeader(batch);
            return new(Math.Max(header.BaseOffset, start), header.MaxTimestamp);
        }
    }
}
