namespace Streams.Processing;

/// <summary>How a group's next value comes from its last; the same for plain groups and windows.</summary>
internal abstract class Aggregation<TKey, TValue, TAggregate>
{
    /// <param name="key">The group.</param>
    /// <param name="value">The record's value.</param>
    /// <param name="old">The group's value so far; meaningless where <paramref name="hasOld"/> is false.</param>
    /// <param name="hasOld">Whether the group has a value.</param>
    public abstract TAggregate Next(TKey key, TValue value, TAggregate old, bool hasOld);
}

internal sealed class Counting<TKey, TValue> : Aggregation<TKey, TValue, long>
{
    public override long Next(TKey key, TValue value, long old, bool hasOld) => old + 1;
}

internal sealed class Reducing<TKey, TValue>(Func<TValue, TValue, TValue> reducer) : Aggregation<TKey, TValue, TValue>
{
    public override TValue Next(TKey key, TValue value, TValue old, bool hasOld) => hasOld ? reducer(old, value) : value;
}

internal sealed class Aggregating<TKey, TValue, TAggregate>(Func<TAggregate> initializer, Func<TKey, TValue, TAggregate, TAggregate> aggregator)
    : Aggregation<TKey, TValue, TAggregate>
{
    public override TAggregate Next(TKey key, TValue value, TAggregate old, bool hasOld) =>
        aggregator(key, value, hasOld ? old : initializer());
}

/// <summary>
/// Keeps one value per key. Records without key or value are dropped. A result's time is the greatest of its records'; a result of null
/// deletes the key.
/// </summary>
internal sealed class AggregateNode<TKey, TValue, TAggregate>(
    string name, string storeName, bool sendsOldValues, Aggregation<TKey, TValue, TAggregate> aggregation)
    : TableNode<TKey, TValue, TAggregate>(name, storeName, sendsOldValues)
{
    protected override bool TryChange(in Record<TKey, TValue> record, out Change<TAggregate> change, out long timestamp)
    {
        timestamp = record.Timestamp;
        if (!record.HasKey || !record.HasValue)
        {
            Context.Dropped++;
            change = default;
            return false;
        }

        var hasOld = Store!.TryGet(record.Key, out var old);
        var next = aggregation.Next(record.Key, record.Value, old.Value, hasOld);
        if (hasOld)
            timestamp = Math.Max(timestamp, old.Timestamp);
        change = new(next, next is not null, old.Value, hasOld);
        return true;
    }
}

/// <summary>
/// Keeps one value per key and window. Records without a key are dropped; those without a value count. A window closes for good when the
/// greatest timestamp seen, of any key, reaches its end plus grace: what comes later is dropped, window by window.
/// </summary>
internal sealed class WindowedAggregateNode<TKey, TValue, TAggregate>(
    string name, string storeName, TimeWindows windows, Aggregation<TKey, TValue, TAggregate> aggregation)
    : Node<TKey, TValue, Windowed<TKey>, Change<TAggregate>>(name)
{
    private readonly long _size = windows.SizeMs;
    private readonly long _advance = windows.AdvanceMs;
    private readonly long _grace = windows.GraceMs;
    private ITimestampedWindowStore<TKey, TAggregate> _store = null!;
    private long _observed = TaskContext.NoTimestamp;

    public override void Process(in Record<TKey, TValue> record)
    {
        if (!record.HasKey)
        {
            Context.Dropped++;
            return;
        }

        _observed = Math.Max(_observed, record.Timestamp);
        var closed = _observed - _grace;
        for (var start = windows.FirstStart(record.Timestamp); start <= record.Timestamp; start += _advance)
        {
            var window = TimeWindow.Of(start, _size);
            if (window.EndMs <= closed)
                Context.Dropped++;
            else if (!TryUpdate(in record, window))
                return;
        }
    }

    protected override void OnInit() => _store = (ITimestampedWindowStore<TKey, TAggregate>)Context.Stores[storeName];

    // False where the aggregator failed and the record is dropped: the windows after this one do not see it either. Only the failed window
    // is tried again, or the ones before it would count the record twice.
    private bool TryUpdate(in Record<TKey, TValue> record, TimeWindow window)
    {
        TAggregate next;
        ValueAndTimestamp<TAggregate> old;
        bool hasOld;
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                hasOld = _store.TryFetch(record.Key, window.StartMs, out old);
                next = aggregation.Next(record.Key, record.Value, old.Value, hasOld);
                var at = hasOld ? Math.Max(record.Timestamp, old.Timestamp) : record.Timestamp;
                Context.Timestamp = record.Timestamp;
                _store.Put(record.Key, new(next, at), window.StartMs);
                Context.Timestamp = at;
                break;
            }
            catch (Exception error) when (IsOwn(error))
            {
                if (!TriesAgain(error, in record, attempt))
                    return false;
            }
        }

        var change = new Change<TAggregate>(next, next is not null, old.Value, hasOld);
        Next.Process(new Record<Windowed<TKey>, Change<TAggregate>>(new(record.Key, window), change, Context.Timestamp, record.HeadersOrNull));
        return true;
    }
}
