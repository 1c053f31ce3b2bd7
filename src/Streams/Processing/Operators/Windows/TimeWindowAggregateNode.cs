using Streams.State;

namespace Streams.Processing;

/// <summary>
/// Keeps one value per key and window. A window closes for good when the greatest timestamp seen, of any key, passes its end and grace: what
/// comes later is dropped, window by window.
/// </summary>
/// <remarks>
/// Results go out at each update, or when the cache lets go of them, or once, when their window has closed. Where the put of the record that
/// closes windows would move the store's time so far that it hides them, they are emitted before it: none that the record changes can be among
/// them. Kafka Streams emits after the put alone, and loses them.
/// </remarks>
internal abstract class TimeWindowAggregateNode<TKey, TValue, TAggregate>(WindowedAggregate<TKey, TValue, TAggregate> aggregate, Windows windows)
    : Node<TKey, TValue, Windowed<TKey>, Change<TAggregate>>(aggregate.Node), IFlushListener<Windowed<TKey>, TAggregate>
{
    private readonly Aggregation<TKey, TValue, TAggregate> _aggregation = aggregate.Aggregation;
    private readonly bool _sendsOldValues = aggregate.SendsOldValues;
    private readonly long _grace = windows.GraceMs;
    private long _observed = TaskContext.NoTimestamp;
    private EmitSchedule? _emits;
    private bool _forwards = true;

    protected ITimestampedWindowStore<TKey, TAggregate> Store { get; private set; } = null!;

    public void Flushed(Windowed<TKey> key, in Change<TAggregate> change, long timestamp, Headers? headers) =>
        Next.Process(new Record<Windowed<TKey>, Change<TAggregate>>(key, change, timestamp, headers));

    protected override void OnInit()
    {
        Store = (ITimestampedWindowStore<TKey, TAggregate>)Context.Stores[aggregate.Store];
        if (aggregate.Emit == EmitStrategy.OnWindowClose)
        {
            _emits = new(Context, aggregate.Store, windows.OpenMs, aggregate.RetentionMs);
            _forwards = false;
        }
        else if (Store is ICachedStore<Windowed<TKey>, TAggregate> cached)
        {
            cached.SetFlushListener(this, _sendsOldValues);
            _forwards = false;
        }
    }

    /// <summary>Moves stream time on. Returns the time at which windows have closed: those that end before it, or at it where ends do not belong to windows.</summary>
    protected long Observe(long timestamp)
    {
        if (timestamp > _observed)
            _observed = timestamp;
        return _observed - _grace;
    }

    /// <summary>The windows, by their starts, that have closed since the last look; both bounds included. False where there can be none.</summary>
    protected abstract bool TryClosedSince(long lastClose, long closeTime, out long from, out long to);

    /// <summary>Emits, before the record is put, what has closed and would be hidden by the put.</summary>
    protected void EmitUrgent(in Record<TKey, TValue> record, long closeTime)
    {
        if (_emits is { } emits && emits.IsUrgent(closeTime, record.Timestamp, out var urgentTime))
            Emit(emits, in record, urgentTime);
    }

    /// <summary>Emits what has closed, after the record was put.</summary>
    protected void EmitClosed(in Record<TKey, TValue> record, long closeTime)
    {
        if (_emits is { } emits && emits.IsDue(closeTime))
            Emit(emits, in record, closeTime);
    }

    private void Emit(EmitSchedule emits, in Record<TKey, TValue> record, long closeTime)
    {
        if (!TryClosedSince(emits.LastClose, closeTime, out var from, out var to))
            return;

        foreach (var (key, value) in Store.FetchAll(from, to))
        {
            var change = new Change<TAggregate>(value.Value, true, default, false);
            Next.Process(new Record<Windowed<TKey>, Change<TAggregate>>(key, change, value.Timestamp, record.HeadersOrNull));
        }

        emits.Looked(closeTime);
    }

    /// <summary>Takes the record into a window, whatever that holds.</summary>
    /// <returns>False where the record is dropped for an error: the windows after this one do not see it either.</returns>
    protected bool TryUpdate(in Record<TKey, TValue> record, TimeWindow window)
    {
        ValueAndTimestamp<TAggregate> old;
        bool hasOld;
        try
        {
            hasOld = Store.TryFetch(record.Key, window.StartMs, out old);
        }
        catch (Exception error) when (IsOwn(error))
        {
            throw Failed(error);
        }

        return TryUpdate(in record, window, in old, hasOld);
    }

    /// <summary>Takes the record into a window.</summary>
    /// <param name="record">The record.</param>
    /// <param name="window">The window.</param>
    /// <param name="old">What the window holds.</param>
    /// <param name="hasOld">False where it holds nothing yet.</param>
    /// <returns>False where the record is dropped for an error: the windows after this one do not see it either.</returns>
    protected bool TryUpdate(in Record<TKey, TValue> record, TimeWindow window, in ValueAndTimestamp<TAggregate> old, bool hasOld)
    {
        TAggregate before;
        TAggregate next;
        bool hasBefore;
        long at;

        // Only the failed window is tried again, or the ones before it would take the record twice.
        for (var attempt = 1; ; attempt++)
        {
            (Context.Timestamp, Context.Headers) = (record.Timestamp, record.HeadersOrNull);
            try
            {
                (before, hasBefore, at) = (old.Value, hasOld, record.Timestamp);
                if (hasOld)
                    at = Math.Max(at, old.Timestamp);
                else
                    hasBefore = _aggregation.TryInitial(out before);
                next = _aggregation.Next(record.Key, record.Value, before, hasBefore);
                Store.Put(record.Key, new(next, at), window.StartMs);
                break;
            }
            catch (Exception error) when (IsOwn(error))
            {
                if (!TriesAgain(error, in record, attempt))
                    return false;
            }
        }

        // As in Kafka Streams, a new window's old value is the initial one.
        Forward(in record, window, new(next, next is not null, before, hasBefore), at);
        return true;
    }

    /// <summary>Makes a window that holds what another one does.</summary>
    protected void Copy(in Record<TKey, TValue> record, TimeWindow window, in ValueAndTimestamp<TAggregate> value)
    {
        (Context.Timestamp, Context.Headers) = (record.Timestamp, record.HeadersOrNull);
        try
        {
            Store.Put(record.Key, value, window.StartMs);
        }
        catch (Exception error) when (IsOwn(error))
        {
            throw Failed(error);
        }

        Forward(in record, window, new(value.Value, true, default, false), value.Timestamp);
    }

    private void Forward(in Record<TKey, TValue> record, TimeWindow window, Change<TAggregate> change, long at)
    {
        if (!_forwards)
            return;

        Context.Timestamp = at;
        if (!_sendsOldValues)
            change = change.WithoutOld();
        Next.Process(new Record<Windowed<TKey>, Change<TAggregate>>(new(record.Key, window), change, at, record.HeadersOrNull));
    }
}
