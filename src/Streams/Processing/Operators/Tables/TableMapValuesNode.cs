namespace Streams.Processing;

/// <summary>Makes another value of each. A result of null means that the key has none.</summary>
internal sealed class TableMapValuesNode<TKey, TValue, TNewValue>(
    string name, string? storeName, bool sendsOldValues, Func<TKey, TValue, TNewValue> mapper)
    : TableNode<TKey, Change<TValue>, TNewValue>(name, storeName, sendsOldValues)
{
    protected override bool TryChange(in Record<TKey, Change<TValue>> record, out Change<TNewValue> change, out long timestamp)
    {
        var parent = record.Value;
        var next = parent.HasNew ? mapper(record.Key, parent.New!) : default;
        TNewValue? old = default;
        var hasOld = false;
        if (SendsOldValues)
        {
            if (Store is null)
            {
                old = parent.HasOld ? mapper(record.Key, parent.Old!) : default;
                hasOld = parent.HasOld && old is not null;
            }
            else
            {
                hasOld = Store.TryGet(record.Key, out var stored);
                old = stored.Value;
            }
        }

        timestamp = record.Timestamp;
        change = new(next, parent.HasNew && next is not null, old, hasOld, parent.IsLatest);
        return true;
    }
}

/// <summary>The mapped table where it keeps no store: its parent's values, mapped when asked for.</summary>
internal sealed class TableMapValuesGetter<TKey, TValue, TNewValue>(TableGetter<TKey, TValue> parent, Func<TKey, TValue, TNewValue> mapper)
    : TableGetter<TKey, TNewValue>
{
    public override bool IsVersioned => parent.IsVersioned;

    public override void Init(TaskContext context) => parent.Init(context);

    public override bool TryGet(TKey key, out ValueAndTimestamp<TNewValue> value) =>
        Map(key, parent.TryGet(key, out var found), in found, out value);

    public override bool TryGet(TKey key, long asOf, out ValueAndTimestamp<TNewValue> value) =>
        Map(key, parent.TryGet(key, asOf, out var found), in found, out value);

    private bool Map(TKey key, bool isFound, in ValueAndTimestamp<TValue> found, out ValueAndTimestamp<TNewValue> value)
    {
        value = default;
        if (!isFound)
            return false;

        value = new(mapper(key, found.Value), found.Timestamp);
        return value.Value is not null;
    }
}
