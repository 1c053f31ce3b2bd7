namespace Streams.Processing;

/// <summary>
/// Tumbling and hopping windows: each window that holds a record's time takes it, from the first to the last. Records without a key are
/// dropped; those without a value count.
/// </summary>
internal sealed class FixedWindowAggregateNode<TKey, TValue, TAggregate>(
    WindowedAggregate<TKey, TValue, TAggregate> aggregate, TimeWindows windows)
    : TimeWindowAggregateNode<TKey, TValue, TAggregate>(aggregate, windows)
{
    private readonly long _size = windows.SizeMs;
    private readonly long _advance = windows.AdvanceMs;

    public override void Process(in Record<TKey, TValue> record)
    {
        if (!record.HasKey)
        {
            Context.Drop(DropReason.NoKey);
            return;
        }

        var closeTime = Observe(record.Timestamp);
        EmitUrgent(in record, closeTime);
        for (var start = windows.FirstStart(record.Timestamp); start <= record.Timestamp; start += _advance)
        {
            var window = TimeWindow.Of(start, _size);
            if (window.EndMs <= closeTime)
                Context.Drop(DropReason.Late);
            else if (!TryUpdate(in record, window))
                break;
        }

        EmitClosed(in record, closeTime);
    }

    protected override bool TryClosedSince(long lastClose, long closeTime, out long from, out long to)
    {
        from = lastClose == TaskContext.NoTimestamp ? 0 : lastClose - _size + 1;
        to = closeTime - _size;

        // Windows start at multiples of the advance: mostly there is none between.
        return to >= 0 && (from == 0 || to / _advance > (from - 1) / _advance);
    }
}
