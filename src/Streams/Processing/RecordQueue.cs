using Kafka;

namespace Streams.Processing;

/// <summary>One input partition's records, read and waiting for their turn.</summary>
internal abstract class RecordQueue(TopicPartition partition)
{
    public TopicPartition Partition { get; } = partition;

    public abstract int Count { get; }

    /// <summary>Keys and values of what waits, in bytes as they were read. Asked from any thread.</summary>
    public abstract long Bytes { get; }

    /// <summary>The task's inputs with records, which hears of each that comes to a head or leaves it.</summary>
    public required QueueOrder Order { get; init; }

    /// <summary>The head's timestamp. Only where there is a head.</summary>
    public long HeadTimestamp { get; protected set; }

    /// <summary>The greatest timestamp taken from this queue.</summary>
    public long PartitionTime { get; protected set; } = TaskContext.NoTimestamp;

    /// <summary>The offset after the last record taken or skipped; null before the first. What may be committed while the queue is empty.</summary>
    public long? NextOffset { get; protected set; }

    /// <summary>The offset to go on from after what was processed: the head's, or past the last record.</summary>
    public abstract long? CommittableOffset { get; }

    /// <summary>Takes up the time that a commit noted.</summary>
    public void ResumeAt(long partitionTime) => PartitionTime = Math.Max(PartitionTime, partitionTime);

    /// <summary>Reads a record and puts it at the end.</summary>
    public abstract void Add(in RecordView record);

    /// <summary>Takes the head and runs it through the topology. Only where this input is the first in <see cref="Order"/>.</summary>
    public abstract void ProcessHead();

    /// <summary>Drops what waits: it will be fetched again. Whoever clears all inputs clears <see cref="Order"/>.</summary>
    public abstract void Clear();
}

/// <summary>Records typed as their source's: a ring that grows to the largest backlog, which the thread bounds by pausing the partition.</summary>
internal sealed class RecordQueue<TKey, TValue>(TopicPartition partition, SourceNode<TKey, TValue> source, TaskContext context)
    : RecordQueue(partition)
{
    private Waiting[] _ring = new Waiting[64];
    private int _head;
    private int _count;
    private long _bytes;
    private long _extractionTime = TaskContext.NoTimestamp;

    public override int Count => _count;

    public override long Bytes => Volatile.Read(ref _bytes);

    public override long? CommittableOffset => _count > 0 ? _ring[_head].Offset : NextOffset;

    public override void Add(in RecordView view)
    {
        if (!source.TryRead(in view, Partition, Math.Max(_extractionTime, PartitionTime), context, out var record))
        {
            // A skipped record at the tail still moves the committable offset.
            if (_count == 0)
                NextOffset = view.Offset + 1;
            return;
        }

        _extractionTime = Math.Max(_extractionTime, record.Timestamp);
        if (_count == _ring.Length)
            Grow();
        var kept = context.Errors.KeepsSources ? DeadLetter.Of(in view, new(Partition.Topic, Partition.Partition, view.Offset)) : null;
        var bytes = view.Key.Length + view.Value.Length;
        _ring[(_head + _count) & (_ring.Length - 1)] = new(record, view.Offset, kept, bytes);
        _bytes += bytes;
        if (_count++ == 0)
        {
            HeadTimestamp = record.Timestamp;
            Order.Add(this);
        }
    }

    public override void ProcessHead()
    {
        ref var head = ref _ring[_head];
        var record = head.Record;
        (context.Topic, context.Partition, context.Offset, context.Timestamp) =
            (Partition.Topic, Partition.Partition, head.Offset, record.Timestamp);
        context.Source = head.Source;
        context.Headers = record.HeadersOrNull;
        NextOffset = head.Offset + 1;
        PartitionTime = Math.Max(PartitionTime, record.Timestamp);
        _bytes -= head.Bytes;
        head = default;
        _head = (_head + 1) & (_ring.Length - 1);
        if (--_count > 0)
            HeadTimestamp = _ring[_head].Record.Timestamp;
        Order.HeadTaken();

        source.Process(in record);
    }

    public override void Clear()
    {
        Array.Clear(_ring);
        (_head, _count, _bytes) = (0, 0, 0);
        _extractionTime = TaskContext.NoTimestamp;
    }

    private void Grow()
    {
        var larger = new Waiting[_ring.Length * 2];
        for (var i = 0; i < _count; i++)
            larger[i] = _ring[(_head + i) & (_ring.Length - 1)];
        (_ring, _head) = (larger, 0);
    }

    private readonly record struct Waiting(Record<TKey, TValue> Record, long Offset, DeadLetter? Source, int Bytes);
}
