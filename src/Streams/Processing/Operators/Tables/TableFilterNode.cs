namespace Streams.Processing;

/// <summary>
/// Keeps the values for which the predicate holds; of the others the result has none. Where old values are known, what was absent and stays so
/// is not sent - except behind a versioned table, whose out-of-order tombstones matter to what follows.
/// </summary>
internal sealed class TableFilterNode<TKey, TValue>(
    string name, string? storeName, bool sendsOldValues, bool versioned, Func<TKey, TValue, bool> predicate, bool keep)
    : TableNode<TKey, Change<TValue>, TValue>(name, storeName, sendsOldValues)
{
    protected override bool TryChange(in Record<TKey, Change<TValue>> record, out Change<TValue> change, out long timestamp)
    {
        var parent = record.Value;
        var hasNew = parent.HasNew && predicate(record.Key, parent.New!) == keep;
        var old = parent.Old;
        var hasOld = false;
        if (SendsOldValues)
        {
            if (Store is null)
            {
                hasOld = parent.HasOld && predicate(record.Key, parent.Old!) == keep;
            }
            else
            {
                hasOld = Store.TryGet(record.Key, out var stored);
                old = stored.Value;
            }
        }

        timestamp = record.Timestamp;
        change = new(hasNew ? parent.New : default, hasNew, hasOld ? old : default, hasOld, parent.IsLatest);
        return versioned || !SendsOldValues || hasNew || hasOld;
    }
}

/// <summary>The filtered table where it keeps no store: its parent's values, filtered when asked for.</summary>
internal sealed class TableFilterGetter<TKey, TValue>(TableGetter<TKey, TValue> parent, Func<TKey, TValue, bool> predicate, bool keep)
    : TableGetter<TKey, TValue>
{
    public override bool IsVersioned => parent.IsVersioned;

    public override void Init(TaskContext context) => parent.Init(context);

    public override bool TryGet(TKey key, out ValueAndTimestamp<TValue> value) =>
        Keep(key, parent.TryGet(key, out value), ref value);

    public override bool TryGet(TKey key, long asOf, out ValueAndTimestamp<TValue> value) =>
        Keep(key, parent.TryGet(key, asOf, out value), ref value);

    private bool Keep(TKey key, bool found, ref ValueAndTimestamp<TValue> value)
    {
        if (found && predicate(key, value.Value) == keep)
            return true;

        value = default;
        return false;
    }
}
