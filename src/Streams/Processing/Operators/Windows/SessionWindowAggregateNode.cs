using Streams.State;

namespace Streams.Processing;

/// <summary>What a session aggregation keeps: one value per key and session. Sessions that a record joins are removed, with a tombstone for each
/// downstream, and one takes their place. Records without a key are dropped; those without a value count.</summary>
/// <remarks>
/// A result's time is its session's end. A session has closed when its end lies more than gap and grace behind the greatest time seen. What has
/// closed is emitted as <see cref="TimeWindowAggregateNode{TKey, TValue, TAggregate}"/> does it.
/// </remarks>
internal sealed class SessionWindowAggregateNode<TKey, TValue, TAggregate>(
    WindowedAggregate<TKey, TValue, TAggregate> aggregate, SessionWindows windows)
    : Node<TKey, TValue, Windowed<TKey>, Change<TAggregate>>(aggregate.Node), IFlushListener<Windowed<TKey>, TAggregate>
{
    private readonly Aggregation<TKey, TValue, TAggregate> _aggregation = aggregate.Aggregation;
    private readonly bool _sendsOldValues = aggregate.SendsOldValues;
    private readonly long _gap = windows.GapMs;
    private readonly long _grace = windows.GraceMs;
    private readonly List<KeyValue<Windowed<TKey>, TAggregate>> _merged = [];
    private ISessionStore<TKey, TAggregate> _store = null!;
    private long _observed = TaskContext.NoTimestamp;
    private EmitSchedule? _emits;
    private bool _forwards = true;

    public override void Process(in Record<TKey, TValue> record)
    {
        if (!record.HasKey)
        {
            Context.Drop(DropReason.NoKey);
            return;
        }

        var at = record.Timestamp;
        _observed = Math.Max(_observed, at);
        var closeTime = _observed - _grace - _gap;
        if (_emits is { } urgent && urgent.IsUrgent(closeTime, at, out var urgentTime))
            Emit(urgent, in record, urgentTime);
        Take(in record, closeTime);
        if (_emits is { } emits && emits.IsDue(closeTime))
            Emit(emits, in record, closeTime);
    }

    public void Flushed(Windowed<TKey> key, in Change<TAggregate> change, long timestamp, Headers? headers) =>
        Next.Process(new Record<Windowed<TKey>, Change<TAggregate>>(key, change, key.Window.EndMs, headers));

    protected override void OnInit()
    {
        _store = (ISessionStore<TKey, TAggregate>)Context.Stores[aggregate.Store];
        if (aggregate.Emit == EmitStrategy.OnWindowClose)
        {
            // Sessions are dated with their end: what has not closed ends at the close time or later.
            _emits = new(Context, aggregate.Store, 0, aggregate.RetentionMs, _store.SegmentMs);
            _forwards = false;
        }
        else if (_store is ICachedStore<Windowed<TKey>, TAggregate> cached)
        {
            cached.SetFlushListener(this, _sendsOldValues);
            _forwards = false;
        }
    }

    private void Take(in Record<TKey, TValue> record, long closeTime)
    {
        var at = record.Timestamp;
        TimeWindow session;
        TAggregate next;
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                var hasValue = MergeSessions(in record, out session, out var value);
                if (session.EndMs < closeTime)
                {
                    Context.Drop(DropReason.Late);
                    return;
                }

                next = _aggregation.Next(record.Key, record.Value, value, hasValue);
                break;
            }
            catch (Exception error) when (IsOwn(error))
            {
                if (!TriesAgain(error, in record, attempt))
                    return;
            }
        }

        // A session of the same single moment is overwritten; any other gives way.
        if (session.StartMs != at || session.EndMs != at)
            RemoveMerged(in record);
        Put(new(record.Key, session), next, in record);
    }

    private void Emit(EmitSchedule emits, in Record<TKey, TValue> record, long closeTime)
    {
        if (closeTime <= 0)
            return;

        foreach (var (key, value) in _store.FindSessions(Math.Max(0, emits.LastClose), closeTime - 1))
        {
            var change = new Change<TAggregate>(value, true, default, false);
            Next.Process(new Record<Windowed<TKey>, Change<TAggregate>>(key, change, key.Window.EndMs, record.HeadersOrNull));
        }

        emits.Looked(closeTime);
    }

    /// <summary>Finds the sessions that the record joins.</summary>
    /// <param name="record">The record.</param>
    /// <param name="session">The one that they make with it.</param>
    /// <param name="value">What they hold, before the record.</param>
    /// <returns>Whether there is a value.</returns>
    private bool MergeSessions(in Record<TKey, TValue> record, out TimeWindow session, out TAggregate value)
    {
        var at = record.Timestamp;
        session = new(at, at);
        var hasValue = _aggregation.TryInitial(out value);
        _merged.Clear();
        _store.CollectSessions(record.Key, at - _gap, at + _gap, _merged);
        foreach (var (key, other) in _merged)
        {
            value = _aggregation.Merge(record.Key, value, hasValue, other);
            hasValue = true;
            session = new(Math.Min(session.StartMs, key.Window.StartMs), Math.Max(session.EndMs, key.Window.EndMs));
        }

        return hasValue;
    }

    private void RemoveMerged(in Record<TKey, TValue> record)
    {
        foreach (var (key, old) in _merged)
        {
            (Context.Timestamp, Context.Headers) = (record.Timestamp, record.HeadersOrNull);
            try
            {
                _store.Remove(key);
            }
            catch (Exception error) when (IsOwn(error))
            {
                throw Failed(error);
            }

            Forward(key, new(default, false, old, true));
        }
    }

    private void Put(Windowed<TKey> session, TAggregate value, in Record<TKey, TValue> record)
    {
        (Context.Timestamp, Context.Headers) = (record.Timestamp, record.HeadersOrNull);
        try
        {
            _store.Put(session, value);
        }
        catch (Exception error) when (IsOwn(error))
        {
            throw Failed(error);
        }

        Forward(session, new(value, value is not null, default, false));
    }

    // Without headers, as in Kafka Streams: a result stands for the records of a session, not for the last of them.
    private void Forward(Windowed<TKey> key, Change<TAggregate> change)
    {
        if (!_forwards)
            return;

        Context.Timestamp = key.Window.EndMs;
        if (!_sendsOldValues)
            change = change.WithoutOld();
        Next.Process(new Record<Windowed<TKey>, Change<TAggregate>>(key, change, key.Window.EndMs));
    }
}
