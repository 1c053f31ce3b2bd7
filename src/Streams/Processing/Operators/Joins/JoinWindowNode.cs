namespace Streams.Processing;

/// <summary>
/// Keeps one side's records for the other to find: first the record is joined, then it is kept, so that it never meets itself. A record without a
/// key matches nothing and is not kept.
/// </summary>
internal sealed class JoinWindowNode<TKey, TValue>(string name, string storeName) : Node<TKey, TValue, TKey, TValue>(name)
{
    private IWindowStore<TKey, TValue> _store = null!;

    public override void Process(in Record<TKey, TValue> record)
    {
        Next.Process(in record);

        // Where values cannot be null, the store has no way to be told of a record without one; it would keep nothing of it anyway.
        if (!record.HasKey || (!record.HasValue && default(TValue) is not null))
            return;

        (Context.Timestamp, Context.Headers) = (record.Timestamp, record.HeadersOrNull);
        _store.Put(record.Key, record.Value, record.Timestamp);
    }

    protected override void OnInit() => _store = (IWindowStore<TKey, TValue>)Context.Stores[storeName];
}
