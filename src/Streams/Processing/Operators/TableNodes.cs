namespace Streams.Processing;

/// <summary>
/// The head of a table: each record is its key's new value, and one without value deletes the key. With a store the old value is known and
/// kept; without, changes pass through. Records without a key are dropped.
/// </summary>
internal sealed class TableSourceNode<TKey, TValue>(string name, string? storeName) : Node<TKey, TValue, TKey, Change<TValue>>(name)
{
    private ITimestampedKeyValueStore<TKey, TValue>? _store;

    public override void Process(in Record<TKey, TValue> record)
    {
        if (!record.HasKey)
        {
            Context.Dropped++;
            return;
        }

        ValueAndTimestamp<TValue> old = default;
        var hasOld = false;
        if (_store is not null)
        {
            Context.Timestamp = record.Timestamp;
            try
            {
                hasOld = _store.TryGet(record.Key, out old);
                if (record.HasValue)
                    _store.Put(record.Key, new(record.Value, record.Timestamp));
                else
                    _store.Delete(record.Key);
            }
            catch (Exception error) when (IsOwn(error))
            {
                Failed(error, in record);
                return;
            }
        }

        var change = new Change<TValue>(record.Value, record.HasValue, old.Value, hasOld);
        Next.Process(new Record<TKey, Change<TValue>>(record.Key, change, record.Timestamp, record.HeadersOrNull));
    }

    protected override void OnInit()
    {
        if (storeName is not null)
            _store = (ITimestampedKeyValueStore<TKey, TValue>)Context.Stores[storeName];
    }
}

/// <summary>A table's changes as a stream of its new values; deletions become tombstones.</summary>
internal sealed class TableToStreamNode<TKey, TValue>(string name) : Node<TKey, Change<TValue>, TKey, TValue>(name)
{
    public override void Process(in Record<TKey, Change<TValue>> record)
    {
        var change = record.Value;
        if (change.HasNew)
            Next.Process(record.WithValue(change.New!));
        else
            Next.Process(record.WithoutValue<TValue>());
    }
}
