using Kafka;

namespace Streams.Processing;

/// <summary>The start of a subtopology on its input topics: reads bytes into typed records, once.</summary>
internal sealed class SourceNode<TKey, TValue>(
    string name,
    ISerde<TKey> keySerde,
    ISerde<TValue> valueSerde,
    TimestampExtractor<TKey, TValue>? extractor)
    : Node<TKey, TValue, TKey, TValue>(name), ISourceNode
{
    public override void Process(in Record<TKey, TValue> record) => Next.Process(in record);

    public RecordQueue CreateQueue(TopicPartition partition, TaskContext context) => new RecordQueue<TKey, TValue>(partition, this, context);

    /// <summary>Reads a record; false where it is to be skipped.</summary>
    public bool TryRead(in RecordView view, TopicPartition partition, long partitionTime, out Record<TKey, TValue> record)
    {
        try
        {
            var absence = (view.HasKey ? Absence.None : Absence.Key) | (view.HasValue ? Absence.None : Absence.Value);
            record = new(
                view.HasKey ? keySerde.Deserialize(view.Key) : default!,
                view.HasValue ? valueSerde.Deserialize(view.Value) : default!,
                view.TimestampMs,
                view.Headers.IsEmpty ? null : Headers.Of(view.Headers),
                absence);
            if (extractor is not null)
                record = record.WithTimestamp(extractor(in record, partitionTime));
        }
        catch (Exception error) when (error is not StreamsException)
        {
            record = default;
            Context.Errors.OnUnreadable(Name, Context, partition, in view, error);
            return false;
        }

        if (record.Timestamp >= 0)
            return true;

        if (extractor is not null)
        {
            // An extractor says by a negative time that it wants the record skipped.
            Context.Dropped++;
            return false;
        }

        Context.Errors.OnUnreadable(Name, Context, partition, in view, new FormatException(
            $"its timestamp is {record.Timestamp}: the producer set none, or is older than Kafka 0.10. Take the time from elsewhere with Consumed.WithTimestampExtractor."));
        return false;
    }
}

/// <summary>A source of any type.</summary>
internal interface ISourceNode
{
    string Name { get; }

    RecordQueue CreateQueue(TopicPartition partition, TaskContext context);
}
