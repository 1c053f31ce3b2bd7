namespace Streams.Processing;

/// <summary>
/// Sliding windows, by Kafka Streams' algorithm and in its order. Records without key or value are dropped. Both bounds belong to a window, so a
/// window has closed when its end is before the close time, not at it.
/// </summary>
/// <remarks>
/// A record at t changes each window that holds t, the latest first. Then it makes the windows that it is the reason for, where they are not
/// there yet: the one that starts right after the record before it, the one that ends at t, and the one that starts right after t. A window's
/// value has the time of its last record, which tells where the record before lies and whether anything comes after t.
/// </remarks>
internal sealed class SlidingWindowAggregateNode<TKey, TValue, TAggregate>(
    WindowedAggregate<TKey, TValue, TAggregate> aggregate, SlidingWindows windows)
    : TimeWindowAggregateNode<TKey, TValue, TAggregate>(aggregate, windows)
{
    private const long None = -1;

    private readonly long _difference = windows.SizeMs;
    private readonly List<KeyValue<long, ValueAndTimestamp<TAggregate>>> _found = [];

    public override void Process(in Record<TKey, TValue> record)
    {
        if (!record.HasKey || !record.HasValue)
        {
            Context.Drop(record.HasKey ? DropReason.NoValue : DropReason.NoKey);
            return;
        }

        // The last window that could hold the record starts with it.
        var closeTime = Observe(record.Timestamp);
        if (record.Timestamp + _difference < closeTime)
        {
            Context.Drop(DropReason.Late);
            return;
        }

        if (record.Timestamp < _difference)
        {
            Find(in record, 0);
            TakeEarly(in record, closeTime);
            return;
        }

        EmitUrgent(in record, closeTime);
        Find(in record, Math.Max(0, record.Timestamp - (2 * _difference)));
        Take(in record, closeTime);
        EmitClosed(in record, closeTime);
    }

    protected override bool TryClosedSince(long lastClose, long closeTime, out long from, out long to)
    {
        from = Math.Max(0, lastClose - _difference);
        to = closeTime - _difference - 1;
        return to >= 0;
    }

    // One past the record's time, to see whether the window right after it is there.
    private void Find(in Record<TKey, TValue> record, long from)
    {
        _found.Clear();
        try
        {
            Store.CollectWindows(record.Key, from, record.Timestamp + 1, _found);
        }
        catch (Exception error) when (IsOwn(error))
        {
            throw Failed(error);
        }
    }

    private void Take(in Record<TKey, TValue> record, long closeTime)
    {
        var at = record.Timestamp;
        var (right, left) = (-1, -1);
        var (hasRight, hasLeft) = (false, false);
        var previous = None;
        var i = _found.Count - 1;
        for (; i >= 0; i--)
        {
            var (start, value) = _found[i];
            var end = start + _difference;
            if (start == at + 1)
            {
                hasRight = true;
            }
            else if (end > at)
            {
                if (right < 0)
                    right = i;
                if (!TryUpdateOpen(in record, start, in value, closeTime))
                    return;
            }
            else if (end == at)
            {
                // Where there is a record at this very time already, it has made all windows.
                hasLeft = true;
                if (!TryUpdateOpen(in record, start, in value, closeTime) || value.Timestamp >= at)
                    return;
                previous = value.Timestamp;
            }
            else
            {
                left = i;
                previous = value.Timestamp;
                break;
            }
        }

        if (previous != None
            && previous + 1 + _difference >= at
            && !Seen(previous + 1, i)
            && !TryUpdateOpen(in record, previous + 1, new(default!, at), closeTime, exists: false))
        {
            return;
        }

        if (!hasLeft)
        {
            // What the record before had in its window is in this one too, as far as it reaches.
            var filled = previous != None && at - _difference <= previous;
            var value = filled ? new(_found[left].Value.Value, at) : new ValueAndTimestamp<TAggregate>(default!, at);
            if (!TryUpdateOpen(in record, at - _difference, in value, closeTime, exists: filled))
                return;
        }

        if (!hasRight && right >= 0)
            MakeRight(in record, _found[right].Value);
    }

    /// <summary>
    /// The first windows would start before time does. Their records share the one window from 0 to the difference; the windows that start
    /// after a record are as usual.
    /// </summary>
    private void TakeEarly(in Record<TKey, TValue> record, long closeTime)
    {
        var at = record.Timestamp;
        var (right, combined) = (-1, -1);
        var hasRight = false;
        var previous = None;
        for (var i = 0; i < _found.Count; i++)
        {
            var (start, value) = _found[i];
            if (start == 0)
            {
                combined = i;
                if (value.Timestamp < at)
                    previous = value.Timestamp;
            }
            else if (start <= at)
            {
                right = i;
                if (!TryUpdateOpen(in record, start, in value, closeTime))
                    return;
            }
            else
            {
                hasRight = true;
            }
        }

        // Where no other window holds later records, the shared one holds nothing but them.
        if (right < 0)
            right = combined;
        if (!hasRight && right >= 0)
            MakeRight(in record, _found[right].Value);
        if (previous != None && !Seen(previous + 1, 0) && !TryUpdateOpen(in record, previous + 1, new(default!, at), closeTime, exists: false))
            return;
        TryUpdateOpen(in record, 0, combined < 0 ? new(default!, at) : _found[combined].Value, closeTime, exists: combined >= 0);
    }

    // The window right after the record holds what a window that reaches past it does, if any of that is later.
    private void MakeRight(in Record<TKey, TValue> record, in ValueAndTimestamp<TAggregate> value)
    {
        if (value.Timestamp > record.Timestamp)
            Copy(in record, TimeWindow.Of(record.Timestamp + 1, _difference), in value);
    }

    // False where the record is dropped for an error; a window that has closed merely does not take it.
    private bool TryUpdateOpen(
        in Record<TKey, TValue> record, long start, in ValueAndTimestamp<TAggregate> value, long closeTime, bool exists = true)
    {
        var window = TimeWindow.Of(start, _difference);
        if (window.EndMs >= closeTime)
            return TryUpdate(in record, window, in value, exists);

        Context.Drop(DropReason.Late);
        return true;
    }

    private bool Seen(long start, int from)
    {
        for (var i = Math.Max(from, 0); i < _found.Count; i++)
        {
            if (_found[i].Key == start)
                return true;
        }

        return false;
    }
}
