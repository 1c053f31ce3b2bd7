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

    public RecordQueue CreateQueue(TopicPartition partition, TaskContext context, QueueOrder order) =>
        new RecordQueue<TKey, TValue>(partition, this, context) { Order = order };

    /// <summary>Reads a record; false where it is to be skipped. Called while the task is restored, too: before this node has a context of its own.</summary>
    public bool TryRead(
        in RecordView view, TopicPartition partition, long partitionTime, TaskContext context, out Record<TKey, TValue> record)
    {
        for (var attempt = 1; ; attempt++)
        {
            var origin = DeserializationOrigin.Key;
            try
            {
                var absence = (view.HasKey ? Absence.None : Absence.Key) | (view.HasValue ? Absence.None : Absence.Value);
                var key = view.HasKey ? keySerde.Deserialize(view.Key) : default!;
                origin = DeserializationOrigin.Value;
                var value = view.HasValue ? valueSerde.Deserialize(view.Value) : default!;
                record = new(key, value, view.TimestampMs, view.Headers.IsEmpty ? null : Headers.Of(view.Headers), absence);
                origin = DeserializationOrigin.Timestamp;
                return HasTime(ref record, partition, view.Offset, partitionTime, context);
            }
            catch (Exception error) when (context.IsOwn(error))
            {
                var details = new DeserializationError(
                    Name,
                    context.Task,
                    new(partition.Topic, partition.Partition, view.Offset),
                    view.TimestampMs,
                    Headers.Of(view.Headers),
                    attempt,
                    error,
                    origin);
                if (!context.Errors.OnUnreadable(context, in view, details))
                {
                    record = default;
                    return false;
                }
            }
        }
    }

    private bool HasTime(ref Record<TKey, TValue> record, TopicPartition partition, long offset, long partitionTime, TaskContext context)
    {
        var general = context.DefaultTimestampExtractor;
        if (extractor is null && general.KeepsValid && record.Timestamp >= 0)
            return true;

        var time = extractor is null ? general.Extract(in record, partitionTime, context.Time) : extractor(in record, partitionTime);
        if (time < 0)
        {
            // An extractor says by a negative time that it wants the record skipped.
            context.Drop(DropReason.NoTime);
            context.Errors.OnTimeless(Name, context.Task, partition, offset, time);
            return false;
        }

        record = record.WithTimestamp(time);
        return true;
    }
}

/// <summary>A source of any type.</summary>
internal interface ISourceNode
{
    string Name { get; }

    RecordQueue CreateQueue(TopicPartition partition, TaskContext context, QueueOrder order);
}
