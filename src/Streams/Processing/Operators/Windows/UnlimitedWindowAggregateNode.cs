namespace Streams.Processing;

/// <summary>One window without an end. A record before its start is in no window, and is not counted as dropped.</summary>
internal sealed class UnlimitedWindowAggregateNode<TKey, TValue, TAggregate>(
    WindowedAggregate<TKey, TValue, TAggregate> aggregate, UnlimitedWindows windows)
    : TimeWindowAggregateNode<TKey, TValue, TAggregate>(aggregate, windows)
{
    private readonly TimeWindow _window = new(windows.StartMs, long.MaxValue);

    public override void Process(in Record<TKey, TValue> record)
    {
        if (!record.HasKey)
        {
            Context.Drop(DropReason.NoKey);
            return;
        }

        if (record.Timestamp >= _window.StartMs)
            TryUpdate(in record, _window);
    }

    protected override bool TryClosedSince(long lastClose, long closeTime, out long from, out long to)
    {
        (from, to) = (0, -1);
        return false;
    }
}
