using Kafka;
using Streams.Processing;

namespace Streams.State;

/// <summary>One store's changes on their way to its partition of the changelog topic.</summary>
internal sealed class Changelog(string topic, TaskContext task)
{
    public TopicPartition Partition { get; } = new(topic, task.Task.Partition);

    /// <summary>
    /// Whether this is a topic that the task reads as input, too, and nothing is written to: what was not committed is no past of the store yet, for it
    /// will be read again.
    /// </summary>
    public bool IsInput { get; init; }

    /// <summary>The store's scratch: keys and values are written here once, then copied into the producer's batch.</summary>
    public RecordBuffer Buffer { get; } = new();

    /// <summary>Sends what the buffer holds: <paramref name="keyLength"/> bytes of key, the rest value.</summary>
    /// <param name="keyLength">How much of the buffer is key.</param>
    /// <param name="timestamp">The change's time; null to leave it to the producer.</param>
    /// <param name="headers">What else the record is to carry.</param>
    public void Put(int keyLength, long? timestamp, ReadOnlySpan<RecordHeader> headers = default) =>
        task.Collector.Send(new OutgoingRecord
        {
            Topic = Partition.Topic,
            Partition = Partition.Partition,
            Key = Buffer.Span(0, keyLength),
            HasKey = true,
            Value = Buffer.From(keyLength),
            HasValue = true,
            Headers = headers,
            TimestampMs = timestamp,
        }, task, Partition.Topic);

    /// <summary>Sends a tombstone for the key that the buffer holds.</summary>
    public void Delete(int keyLength, long? timestamp, ReadOnlySpan<RecordHeader> headers = default) =>
        task.Collector.Send(new OutgoingRecord
        {
            Topic = Partition.Topic,
            Partition = Partition.Partition,
            Key = Buffer.Span(0, keyLength),
            HasKey = true,
            Headers = headers,
            TimestampMs = timestamp,
        }, task, Partition.Topic);
}

/// <summary>A store that can be filled from its changelog.</summary>
internal interface IRestorable : IStateStore
{
    void Restore(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value, bool hasValue, long timestamp);
}

/// <summary>A store that may be able to say how many bytes it takes.</summary>
internal interface IMeasurable
{
    /// <summary>Bytes on disk and in memory; null of a store that keeps objects, of which nobody knows the size.</summary>
    long? ByteCount { get; }
}

/// <summary>A store that can say how much it holds.</summary>
internal interface ICountable
{
    long EntryCount { get; }
}
