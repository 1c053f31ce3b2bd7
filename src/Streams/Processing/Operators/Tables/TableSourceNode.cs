namespace Streams.Processing;

/// <summary>
/// The head of a table: each record is its key's new value, and one without value deletes the key. With a store the old value is known and
/// kept; without, changes pass through. Records without a key are dropped.
/// </summary>
internal sealed class TableSourceNode<TKey, TValue>(string name, string? storeName, bool sendsOldValues)
    : TableNode<TKey, TValue, TValue>(name, storeName, sendsOldValues)
{
    protected override bool TryChange(in Record<TKey, TValue> record, out Change<TValue> change, out long timestamp)
    {
        timestamp = record.Timestamp;
        if (!record.HasKey)
        {
            Context.Drop(DropReason.NoKey);
            change = default;
            return false;
        }

        ValueAndTimestamp<TValue> old = default;
        var hasOld = SendsOldValues && Store is not null && Store.TryGet(record.Key, out old);
        change = new(record.Value, record.HasValue, old.Value, hasOld);
        return true;
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
