namespace Streams.Processing;

/// <summary>
/// A stream joined with itself, on one store instead of two: what the optimiser makes of a join whose sides are the same. Results and their order
/// are those of the join with two stores.
/// </summary>
internal sealed class SelfJoinNode<TKey, TValue, TResult>(string name, string storeName, long retentionMs, StreamJoin<TKey, TValue, TValue, TResult> join)
    : Node<TKey, TValue, TKey, TResult>(name)
{
    private readonly List<KeyValue<long, TValue>> _found = [];
    private IWindowStore<TKey, TValue> _store = null!;
    private long _streamTime = TaskContext.NoTimestamp;

    public override void Process(in Record<TKey, TValue> record)
    {
        if (!record.HasKey || !record.HasValue)
        {
            Context.Drop(record.HasKey ? DropReason.NoValue : DropReason.NoKey);
            return;
        }

        _streamTime = Math.Max(_streamTime, record.Timestamp);
        Collect(in record, join.BeforeMs, join.AfterMs);
        foreach (var (time, value) in _found)
        {
            if (!Emit(in record, record.Value, value, time))
                return;
        }

        // The two stores of an unoptimised join would not hold a record this old, so it would not have met itself.
        var meetsItself = record.Timestamp > _streamTime - retentionMs + 1;
        Collect(in record, join.AfterMs, join.BeforeMs);
        foreach (var (time, value) in _found)
        {
            if (meetsItself && time > record.Timestamp)
            {
                meetsItself = false;
                if (!Emit(in record, record.Value, record.Value, record.Timestamp))
                    return;
            }

            if (!Emit(in record, value, record.Value, time))
                return;
        }

        if (meetsItself)
            Emit(in record, record.Value, record.Value, record.Timestamp);
        _found.Clear();
    }

    protected override void OnInit() => _store = (IWindowStore<TKey, TValue>)Context.Stores[storeName];

    private void Collect(in Record<TKey, TValue> record, long beforeMs, long afterMs)
    {
        _found.Clear();
        _store.CollectWindows(record.Key, Math.Max(0, record.Timestamp - beforeMs), Math.Max(0, record.Timestamp + afterMs), _found);
    }

    /// <summary>Joins and sends on; false where the joiner failed and the record is dropped.</summary>
    private bool Emit(in Record<TKey, TValue> record, TValue left, TValue right, long time)
    {
        for (var attempt = 1; ; attempt++)
        {
            TResult result;
            try
            {
                result = join.Joiner(record.Key, left, right);
            }
            catch (Exception error) when (IsOwn(error))
            {
                if (TriesAgain(error, in record, attempt))
                    continue;
                return false;
            }

            Next.Process(record.WithValue(result).WithTimestamp(Math.Max(record.Timestamp, time)));
            return true;
        }
    }
}
