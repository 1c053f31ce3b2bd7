using Streams.State;

namespace Streams.Processing;

/// <summary>
/// Holds a table's changes back, until their windows have closed or a limit of stream time has passed, and sends each key's latest, by time and
/// then by key. Stream time is the greatest time of the changes themselves.
/// </summary>
/// <param name="name">The node's name.</param>
/// <param name="bufferName">The buffer's name.</param>
/// <param name="waitMs">How long a change waits after the time by which it is buffered.</param>
/// <param name="untilClose">Whether changes are buffered by their windows' ends, and results of nothing are not sent; else by their own times.</param>
/// <param name="limits">What the buffer may hold.</param>
internal sealed class SuppressNode<TKey, TValue>(string name, string bufferName, long waitMs, bool untilClose, BufferConfig limits)
    : Node<TKey, Change<TValue>, TKey, Change<TValue>>(name)
{
    private readonly bool _emitsEarly = limits is EagerBufferConfig;
    private SuppressionBuffer<TKey, TValue> _buffer = null!;
    private long _observed = TaskContext.NoTimestamp;

    public override void Process(in Record<TKey, Change<TValue>> record)
    {
        _observed = Math.Max(_observed, record.Timestamp);
        var time = untilClose ? ((IWindowed)record.Key!).Window.EndMs : record.Timestamp;
        _buffer.Put(record.Key, record.Value, time, Context.RecordContext(record.Timestamp, record.HeadersOrNull));

        var expired = _observed - waitMs;
        while (_buffer.Oldest is { } oldest && oldest.Time <= expired)
            Emit(oldest);
        while (IsFull)
        {
            if (!_emitsEarly)
                throw Full();
            Emit(_buffer.Oldest!);
        }
    }

    protected override void OnInit() => _buffer = (SuppressionBuffer<TKey, TValue>)Context.Stores[bufferName];

    private bool IsFull => _buffer.EntryCount > limits.RecordsMax || _buffer.Bytes > limits.BytesMax;

    // It counts as buffered until those downstream have seen it: they may ask for the value from before.
    private void Emit(BufferedChange<TKey, TValue> entry)
    {
        if (entry.Change.HasNew || !untilClose)
        {
            var (topic, partition, offset) = (Context.Topic, Context.Partition, Context.Offset);
            var (timestamp, headers) = (Context.Timestamp, Context.Headers);
            var from = entry.Context;
            (Context.Topic, Context.Partition, Context.Offset) = (from.Topic, from.Partition, from.Offset);
            (Context.Timestamp, Context.Headers) = (from.Timestamp, from.Headers);
            try
            {
                Next.Process(new Record<TKey, Change<TValue>>(entry.Key, entry.Change, from.Timestamp, from.Headers));
            }
            finally
            {
                (Context.Topic, Context.Partition, Context.Offset) = (topic, partition, offset);
                (Context.Timestamp, Context.Headers) = (timestamp, headers);
            }
        }

        _buffer.RemoveOldest();
    }

    private StreamsException Full() => new(
        $"The buffer of '{Name}' in task {Context.Task} is full: {_buffer.EntryCount} records of at most {limits.RecordsMax}, " +
        $"{_buffer.Bytes} bytes of at most {limits.BytesMax}. Give it more room, or let it emit early (EmitEarlyWhenFull).");
}

/// <summary>The suppressed table as those downstream have seen it: of keys that wait, the values from before.</summary>
internal sealed class SuppressGetter<TKey, TValue>(string bufferName, TableGetter<TKey, TValue> parent) : TableGetter<TKey, TValue>
{
    private SuppressionBuffer<TKey, TValue> _buffer = null!;

    public override void Init(TaskContext context)
    {
        parent.Init(context);
        _buffer = (SuppressionBuffer<TKey, TValue>)context.Stores[bufferName];
    }

    public override bool TryGet(TKey key, out ValueAndTimestamp<TValue> value)
    {
        if (!_buffer.TryGetPrior(key, out var prior, out var hasPrior))
            return parent.TryGet(key, out value);

        // Nobody knows the time of a value that was replaced before it could be seen.
        value = new(prior!, TaskContext.NoTimestamp);
        return hasPrior;
    }

    public override void Close() => parent.Close();
}
