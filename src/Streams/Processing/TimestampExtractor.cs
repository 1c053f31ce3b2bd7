namespace Streams;

/// <summary>Tells a record's time from its content.</summary>
/// <param name="record">The record, with the timestamp that Kafka holds.</param>
/// <param name="partitionTime">The greatest timestamp before it in its partition; −1 for the first.</param>
/// <returns>Milliseconds since 1970-01-01 UTC; negative skips the record.</returns>
public delegate long TimestampExtractor<TKey, TValue>(in Record<TKey, TValue> record, long partitionTime);

/// <summary>Tells the time of records of any type: the ready-made ones, and what <see cref="StreamConfig.DefaultTimestampExtractor"/> takes.</summary>
/// <remarks>A record's own timestamp is invalid where it is negative: its producer set none, or is older than Kafka 0.10.</remarks>
public abstract class TimestampExtractor
{
    /// <summary>The record's own timestamp; an invalid one is an error. The default.</summary>
    public static TimestampExtractor FailOnInvalidTimestamp { get; } = new FailOnInvalid();

    /// <summary>The record's own timestamp; a record with an invalid one is skipped, counted as dropped and told to the log.</summary>
    public static TimestampExtractor LogAndSkipOnInvalidTimestamp { get; } = new SkipOnInvalid();

    /// <summary>
    /// The record's own timestamp; for an invalid one the greatest timestamp before it in its partition. An error where there is none before it.
    /// </summary>
    public static TimestampExtractor UsePartitionTimeOnInvalidTimestamp { get; } = new PartitionTimeOnInvalid();

    /// <summary>The time on the wall when the record is read: processing time instead of event time. Kafka Streams' <c>WallclockTimestampExtractor</c>.</summary>
    public static TimestampExtractor WallclockTime { get; } = new Wallclock();

    /// <summary>Whether valid timestamps are taken as they are, so that records that have one need not be shown.</summary>
    internal virtual bool KeepsValid => false;

    /// <summary>A record's time.</summary>
    /// <param name="record">The record, with the timestamp that Kafka holds.</param>
    /// <param name="partitionTime">The greatest timestamp before it in its partition; −1 for the first.</param>
    /// <param name="time">The application's clock.</param>
    /// <returns>Milliseconds since 1970-01-01 UTC; negative skips the record.</returns>
    public abstract long Extract<TKey, TValue>(in Record<TKey, TValue> record, long partitionTime, TimeProvider time);

    /// <summary>A record's time, by the system's clock. For extractors of your own that hand on what they cannot tell.</summary>
    /// <param name="record">The record, with the timestamp that Kafka holds.</param>
    /// <param name="partitionTime">The greatest timestamp before it in its partition; −1 for the first.</param>
    /// <returns>Milliseconds since 1970-01-01 UTC; negative skips the record.</returns>
    public long Extract<TKey, TValue>(in Record<TKey, TValue> record, long partitionTime) => Extract(in record, partitionTime, TimeProvider.System);

    private sealed class FailOnInvalid : TimestampExtractor
    {
        internal override bool KeepsValid => true;

        public override long Extract<TKey, TValue>(in Record<TKey, TValue> record, long partitionTime, TimeProvider time) =>
            record.Timestamp >= 0
                ? record.Timestamp
                : throw new FormatException(
                    $"its timestamp is {record.Timestamp}: the producer set none, or is older than Kafka 0.10. " +
                    "Take the time from elsewhere with Consumed.WithTimestampExtractor.");
    }

    private sealed class SkipOnInvalid : TimestampExtractor
    {
        internal override bool KeepsValid => true;

        public override long Extract<TKey, TValue>(in Record<TKey, TValue> record, long partitionTime, TimeProvider time) => record.Timestamp;
    }

    private sealed class PartitionTimeOnInvalid : TimestampExtractor
    {
        internal override bool KeepsValid => true;

        public override long Extract<TKey, TValue>(in Record<TKey, TValue> record, long partitionTime, TimeProvider time)
        {
            if (record.Timestamp >= 0)
                return record.Timestamp;
            return partitionTime >= 0
                ? partitionTime
                : throw new FormatException($"its timestamp is {record.Timestamp}, and no record before it in its partition has a valid one to take.");
        }
    }

    private sealed class Wallclock : TimestampExtractor
    {
        public override long Extract<TKey, TValue>(in Record<TKey, TValue> record, long partitionTime, TimeProvider time) =>
            time.GetUtcNow().ToUnixTimeMilliseconds();
    }
}
