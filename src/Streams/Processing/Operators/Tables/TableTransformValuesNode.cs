namespace Streams.Processing;

/// <summary>Hosts a user's <see cref="ValueTransformer{TKey, TValue, TNewValue}"/>, which sees deletions too.</summary>
internal sealed class TableTransformValuesNode<TKey, TValue, TNewValue>(
    string name,
    string? storeName,
    bool sendsOldValues,
    ValueTransformer<TKey, TValue, TNewValue> transformer,
    IReadOnlySet<string> stores)
    : TableNode<TKey, Change<TValue>, TNewValue>(name, storeName, sendsOldValues)
{
    public override void Close() => transformer.CloseIn(Context, Name);

    protected override void OnInit()
    {
        base.OnInit();
        transformer.OpenIn(Context, Name, stores);
    }

    protected override bool TryChange(in Record<TKey, Change<TValue>> record, out Change<TNewValue> change, out long timestamp)
    {
        var parent = record.Value;
        var next = transformer.Transform(record.Key, parent.HasNew ? parent.New : default);
        TNewValue? old = default;
        var hasOld = false;
        if (SendsOldValues)
        {
            if (Store is null)
            {
                old = transformer.Transform(record.Key, parent.HasOld ? parent.Old : default);
                hasOld = old is not null;
            }
            else
            {
                hasOld = Store.TryGet(record.Key, out var stored);
                old = stored.Value;
            }
        }

        timestamp = record.Timestamp;
        change = new(next, next is not null, old, hasOld, parent.IsLatest);
        return true;
    }
}

/// <summary>
/// The transformed table where it keeps no store: its parent's values, transformed when asked for - with no record at hand, and by a transformer
/// of the getter's own.
/// </summary>
internal sealed class TableTransformValuesGetter<TKey, TValue, TNewValue>(
    string name, TableGetter<TKey, TValue> parent, ValueTransformer<TKey, TValue, TNewValue> transformer, IReadOnlySet<string> stores)
    : TableGetter<TKey, TNewValue>
{
    private TaskContext _context = null!;

    public override bool IsVersioned => parent.IsVersioned;

    public override void Init(TaskContext context)
    {
        _context = context;
        parent.Init(context);
        transformer.OpenIn(context, name, stores);
    }

    public override bool TryGet(TKey key, out ValueAndTimestamp<TNewValue> value) =>
        Transform(key, parent.TryGet(key, out var found), in found, out value);

    public override bool TryGet(TKey key, long asOf, out ValueAndTimestamp<TNewValue> value) =>
        Transform(key, parent.TryGet(key, asOf, out var found), in found, out value);

    public override void Close()
    {
        parent.Close();
        transformer.CloseIn(_context, name);
    }

    private bool Transform(TKey key, bool isFound, in ValueAndTimestamp<TValue> found, out ValueAndTimestamp<TNewValue> value)
    {
        // The value asked for came with another record than the one being processed, and nobody knows which.
        var (topic, partition, offset, timestamp) = (_context.Topic, _context.Partition, _context.Offset, _context.Timestamp);
        (_context.Topic, _context.Partition, _context.Offset) = (null, -1, -1);
        _context.Timestamp = isFound ? found.Timestamp : TaskContext.NoTimestamp;
        try
        {
            value = new(transformer.Transform(key, isFound ? found.Value : default)!, _context.Timestamp);
        }
        finally
        {
            (_context.Topic, _context.Partition, _context.Offset, _context.Timestamp) = (topic, partition, offset, timestamp);
        }

        return value.Value is not null;
    }
}
