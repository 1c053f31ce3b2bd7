namespace Streams.Processing;

/// <summary>
/// The left table's side again: joins the answer with the row, unless the row has changed since it asked - then another answer is on its way.
/// </summary>
internal sealed class SubscriptionResponseNode<TKey, TValue, TOther, TResult>(
    string name, TableGetter<TKey, TValue> rows, ISerde<TValue> valueSerde, Func<TValue, TOther, TResult> joiner, bool left)
    : Node<TKey, SubscriptionResponse<TOther>, TKey, TResult>(name)
{
    private readonly RecordBuffer _buffer = new();

    public override void Process(in Record<TKey, SubscriptionResponse<TOther>> record)
    {
        var response = record.Value;
        TResult? result = default;
        var hasResult = false;
        try
        {
            var hasRow = rows.TryGet(record.Key, out var row);
            if (response.Hash != (hasRow ? HashOf(row.Value) : null))
            {
                Context.Drop(DropReason.Outdated);
                return;
            }

            if (response.HasValue || (left && hasRow))
            {
                result = joiner(hasRow ? row.Value : default!, response.HasValue ? response.Value! : default!);
                hasResult = result is not null;
            }
        }
        catch (Exception error) when (IsOwn(error))
        {
            Failed(error, in record);
            return;
        }

        if (hasResult)
            Next.Process(record.WithValue(result!));
        else
            Next.Process(record.WithoutValue<TResult>());
    }

    public override void Close() => rows.Close();

    protected override void OnInit() => rows.Init(Context);

    private Hash128? HashOf(TValue value)
    {
        _buffer.Clear();
        valueSerde.Serialize(value, _buffer);
        return Murmur3.Hash(_buffer.From(0));
    }
}
