using Streams.State;

namespace Streams.Processing;

/// <summary>
/// A stream's records, each with the value that a table has for it now, or, of a versioned table, had at the record's time. The record's time is the
/// result's. Only records of the stream give results.
/// </summary>
/// <remarks>
/// A record without a value is dropped; one that maps to no key of the table is dropped by an inner join and goes out alone in a left one. With a
/// buffer, records wait until stream time, as the stream alone shows it, is a grace period ahead of them.
/// </remarks>
internal abstract class StreamTableJoinNode<TKey, TValue, TTableKey, TTableValue, TResult>(
    string name, TableGetter<TTableKey, TTableValue> table, Func<TKey, TValue, TTableValue, TResult> joiner, bool leftJoin, string? bufferName)
    : Node<TKey, TValue, TKey, TResult>(name)
{
    private GraceBuffer<TKey, TValue>? _buffer;

    public sealed override void Process(in Record<TKey, TValue> record)
    {
        if (!record.HasValue)
        {
            Context.Drop(DropReason.NoValue);
            return;
        }

        // A record without a key cannot be buffered, and has no table update to wait for.
        if (_buffer is not { } buffer || !record.HasKey)
        {
            Join(in record);
            return;
        }

        (Context.Timestamp, Context.Headers) = (record.Timestamp, record.HeadersOrNull);
        if (buffer.TryPut(in record))
            EmitClosed(buffer);
        else
            Join(in record);
    }

    public override void Close() => table.Close();

    protected override void OnInit()
    {
        table.Init(Context);
        if (bufferName is not null)
            _buffer = (GraceBuffer<TKey, TValue>)Context.Stores[bufferName];
    }

    /// <summary>The key under which the table has what belongs to a record; false where there is none.</summary>
    protected abstract bool TryGetTableKey(in Record<TKey, TValue> record, out TTableKey key);

    /// <summary>Joins what has waited long enough, each as if it were being read now: with its own place and headers.</summary>
    private void EmitClosed(GraceBuffer<TKey, TValue> buffer)
    {
        var own = Context.Place;
        while (buffer.TryPeekClosed(out var record, out var from))
        {
            Context.Place = new(from.Topic, from.Partition, from.Offset, from.Timestamp, record.HeadersOrNull, Source: null);
            Join(in record);
            buffer.RemoveFirst();
        }

        Context.Place = own;
    }

    private void Join(in Record<TKey, TValue> record)
    {
        TResult result;
        try
        {
            ValueAndTimestamp<TTableValue> found = default;
            var hasKey = TryGetTableKey(in record, out var key);
            var matches = hasKey && (table.IsVersioned ? table.TryGet(key, record.Timestamp, out found) : table.TryGet(key, out found));
            if (!matches && !leftJoin)
            {
                if (!hasKey)
                    Context.Drop(DropReason.NoKey);
                return;
            }

            result = joiner(record.Key, record.Value, found.Value);
        }
        catch (Exception error) when (IsOwn(error))
        {
            Failed(error, in record);
            return;
        }

        Next.Process(record.WithValue(result));
    }
}

/// <summary>A join with a table of the same keys.</summary>
internal sealed class TableJoinNode<TKey, TValue, TTableValue, TResult>(
    string name, TableGetter<TKey, TTableValue> table, Func<TKey, TValue, TTableValue, TResult> joiner, bool leftJoin, string? bufferName)
    : StreamTableJoinNode<TKey, TValue, TKey, TTableValue, TResult>(name, table, joiner, leftJoin, bufferName)
{
    protected override bool TryGetTableKey(in Record<TKey, TValue> record, out TKey key)
    {
        key = record.Key;
        return record.HasKey;
    }
}

/// <summary>A join with a global table, whose keys are made of the records: all of the table is here, whatever the record's partition.</summary>
internal sealed class GlobalTableJoinNode<TKey, TValue, TTableKey, TTableValue, TResult>(
    string name,
    TableGetter<TTableKey, TTableValue> table,
    Func<TKey, TValue, TTableKey> keyMapper,
    Func<TKey, TValue, TTableValue, TResult> joiner,
    bool leftJoin)
    : StreamTableJoinNode<TKey, TValue, TTableKey, TTableValue, TResult>(name, table, joiner, leftJoin, bufferName: null)
{
    protected override bool TryGetTableKey(in Record<TKey, TValue> record, out TTableKey key)
    {
        key = keyMapper(record.Key, record.Value);
        return key is not null;
    }
}
