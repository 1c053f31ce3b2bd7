namespace Streams.Processing;

/// <summary>Reads a table's values by key, for the node that asked for it: one for each node and task.</summary>
internal abstract class TableGetter<TKey, TValue>
{
    /// <summary>Whether the table can tell what held at another time.</summary>
    public virtual bool IsVersioned => false;

    /// <summary>Called once, from the node's own Init.</summary>
    public abstract void Init(TaskContext context);

    /// <summary>The key's value and the time of its last change.</summary>
    public abstract bool TryGet(TKey key, out ValueAndTimestamp<TValue> value);

    /// <summary>The value that the key had at <paramref name="asOf"/> (milliseconds since 1970-01-01 UTC), where <see cref="IsVersioned"/>.</summary>
    public virtual bool TryGet(TKey key, long asOf, out ValueAndTimestamp<TValue> value) =>
        throw new NotSupportedException("Only a versioned table can tell what held at another time.");

    /// <summary>Called once, from the node's own Close.</summary>
    public virtual void Close()
    {
    }
}

/// <summary>Reads a table that keeps a store.</summary>
internal sealed class TableStoreGetter<TKey, TValue>(string storeName) : TableGetter<TKey, TValue>
{
    private TableStore<TKey, TValue> _store = null!;

    public override bool IsVersioned => _store.IsVersioned;

    public override void Init(TaskContext context) => _store = new(context, storeName);

    public override bool TryGet(TKey key, out ValueAndTimestamp<TValue> value) => _store.TryGet(key, out value);

    public override bool TryGet(TKey key, long asOf, out ValueAndTimestamp<TValue> value) => _store.TryGet(key, asOf, out value);
}
