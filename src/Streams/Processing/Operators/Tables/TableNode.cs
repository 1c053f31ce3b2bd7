using Streams.State;

namespace Streams.Processing;

/// <summary>
/// A node whose output is a table. Keeps the values in a store where the table has one, and passes the changes on: at once, or, where a record
/// cache lies before the store, when the cache lets go of them.
/// </summary>
/// <param name="name">The node's name.</param>
/// <param name="storeName">The table's own store; null where it is worked out from its parents' whenever it is asked for.</param>
/// <param name="sendsOldValues">Whether something downstream needs the old values too.</param>
internal abstract class TableNode<TKey, TValueIn, TValue>(string name, string? storeName, bool sendsOldValues)
    : Node<TKey, TValueIn, TKey, Change<TValue>>(name), IFlushListener<TKey, TValue>
{
    private bool _cached;

    protected TableStore<TKey, TValue>? Store { get; private set; }

    protected bool SendsOldValues => sendsOldValues;

    public sealed override void Process(in Record<TKey, TValueIn> record)
    {
        Change<TValue> change;
        long timestamp;
        (Context.Timestamp, Context.Headers) = (record.Timestamp, record.HeadersOrNull);
        try
        {
            if (!TryChange(in record, out change, out timestamp) || !TryStore(record.Key, timestamp, ref change))
                return;
        }
        catch (Exception error) when (IsOwn(error))
        {
            Failed(error, in record);
            return;
        }

        if (!_cached)
            Next.Process(new Record<TKey, Change<TValue>>(record.Key, change, timestamp, record.HeadersOrNull));
    }

    public void Flushed(TKey key, in Change<TValue> change, long timestamp, Headers? headers) =>
        Next.Process(new Record<TKey, Change<TValue>>(key, change, timestamp, headers));

    /// <summary>What a record does to its key's value; false where it does nothing and nothing is to be sent.</summary>
    /// <param name="record">The record.</param>
    /// <param name="change">The values; the old one is ignored unless <see cref="SendsOldValues"/>.</param>
    /// <param name="timestamp">The new value's time.</param>
    protected abstract bool TryChange(in Record<TKey, TValueIn> record, out Change<TValue> change, out long timestamp);

    protected override void OnInit()
    {
        if (storeName is null)
            return;

        Store = new(Context, storeName);
        if (Context.Stores[storeName] is ICachedStore<TKey, TValue> cached)
        {
            cached.SetFlushListener(this, sendsOldValues);
            _cached = true;
        }
    }

    private bool TryStore(TKey key, long timestamp, ref Change<TValue> change)
    {
        if (!sendsOldValues)
            change = change.WithoutOld();
        if (Store is null)
            return true;

        var stored = Store.TryPut(key, change.New, change.HasNew, timestamp, out var isLatest);
        change = change.WithLatest(isLatest);
        return stored;
    }
}
