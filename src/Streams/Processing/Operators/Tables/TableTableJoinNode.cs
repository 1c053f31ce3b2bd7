namespace Streams.Processing;

/// <summary>Which sides of a join may be missing: neither (inner), the other one (left), this one (left, seen from its right), both (outer).</summary>
/// <param name="ThisOptional">Whether there is a result without this side's value.</param>
/// <param name="OtherOptional">Whether there is a result without the other side's value.</param>
internal readonly record struct JoinSides(bool ThisOptional, bool OtherOptional)
{
    public JoinSides Reversed => new(OtherOptional, ThisOptional);

    public bool HasResult(bool hasThis, bool hasOther) => (hasThis || ThisOptional) && (hasOther || OtherOptional) && (hasThis || hasOther);
}

/// <summary>
/// One side of a table-table join: joins what changes on this side with what the other table holds now. The result has the later of both times.
/// </summary>
internal sealed class TableTableJoinNode<TKey, TThis, TOther, TResult>(
    string name,
    TableGetter<TKey, TOther> other,
    Func<TThis, TOther, TResult> joiner,
    JoinSides sides,
    bool versioned,
    bool sendsOldValues)
    : Node<TKey, Change<TThis>, TKey, Change<TResult>>(name)
{
    public override void Process(in Record<TKey, Change<TThis>> record)
    {
        var change = record.Value;

        // A versioned table's history is not joined: its results would replace newer ones (KIP-914).
        if (!record.HasKey || (versioned && !change.IsLatest))
        {
            Context.Drop(record.HasKey ? DropReason.Outdated : DropReason.NoKey);
            return;
        }

        Change<TResult> result;
        long timestamp;
        try
        {
            var hasOther = other.TryGet(record.Key, out var found);
            if (!hasOther && (!sides.OtherOptional || (!change.HasNew && !change.HasOld)))
                return;

            timestamp = hasOther ? Math.Max(record.Timestamp, found.Timestamp) : record.Timestamp;
            var hasNew = TryJoin(change.New, change.HasNew, found.Value, hasOther, out var next);
            TResult? old = default;
            var hasOld = sendsOldValues && TryJoin(change.Old, change.HasOld, found.Value, hasOther, out old);
            result = new(next, hasNew, old, hasOld, change.IsLatest);
        }
        catch (Exception error) when (IsOwn(error))
        {
            Failed(error, in record);
            return;
        }

        Next.Process(new Record<TKey, Change<TResult>>(record.Key, result, timestamp, record.HeadersOrNull));
    }

    public override void Close() => other.Close();

    protected override void OnInit() => other.Init(Context);

    private bool TryJoin(TThis? mine, bool hasMine, TOther? theirs, bool hasTheirs, out TResult? result)
    {
        result = default;
        if (!sides.HasResult(hasMine, hasTheirs))
            return false;

        result = joiner(hasMine ? mine! : default!, hasTheirs ? theirs! : default!);
        return result is not null;
    }
}

/// <summary>Where the two sides of a table-table join meet: one table again, with a store where it was asked for.</summary>
internal sealed class TableJoinMergeNode<TKey, TValue>(string name, string? storeName, bool sendsOldValues)
    : TableNode<TKey, Change<TValue>, TValue>(name, storeName, sendsOldValues)
{
    protected override bool TryChange(in Record<TKey, Change<TValue>> record, out Change<TValue> change, out long timestamp)
    {
        (change, timestamp) = (record.Value, record.Timestamp);
        return true;
    }
}

/// <summary>A join's result where it keeps no store: both tables' values, joined when asked for.</summary>
internal sealed class TableJoinGetter<TKey, TLeft, TRight, TResult>(
    TableGetter<TKey, TLeft> left, TableGetter<TKey, TRight> right, Func<TLeft, TRight, TResult> joiner, JoinSides sides)
    : TableGetter<TKey, TResult>
{
    public override void Init(TaskContext context)
    {
        left.Init(context);
        right.Init(context);
    }

    public override bool TryGet(TKey key, out ValueAndTimestamp<TResult> value)
    {
        value = default;
        var hasLeft = left.TryGet(key, out var mine);
        if (!hasLeft && !sides.ThisOptional)
            return false;

        var hasRight = right.TryGet(key, out var theirs);
        if (!sides.HasResult(hasLeft, hasRight))
            return false;

        var timestamp = !hasRight ? mine.Timestamp : !hasLeft ? theirs.Timestamp : Math.Max(mine.Timestamp, theirs.Timestamp);
        value = new(joiner(hasLeft ? mine.Value : default!, hasRight ? theirs.Value : default!), timestamp);
        return value.Value is not null;
    }

    public override void Close()
    {
        left.Close();
        right.Close();
    }
}
