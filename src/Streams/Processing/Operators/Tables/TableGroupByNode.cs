namespace Streams.Processing;

/// <summary>
/// Sends a table's changes on to the groups they concern: the row's old value to the group it leaves, its new value to the group it joins, both
/// as one record where that is the same group. Rows without a group or without a value in it are left out.
/// </summary>
internal sealed class TableGroupByNode<TKey, TValue, TGroup, TRow>(
    string name, bool versioned, Func<TKey, TValue, KeyValue<TGroup, TRow>> selector)
    : Node<TKey, Change<TValue>, TGroup, Change<TRow>>(name)
{
    public override void Process(in Record<TKey, Change<TValue>> record)
    {
        var change = record.Value;

        // An aggregate holds each row's latest value: a versioned table's history does not concern it (KIP-914).
        if (versioned && !change.IsLatest)
            return;

        KeyValue<TGroup, TRow> joined, left;
        bool joins, leaves, stays;
        try
        {
            joined = change.HasNew ? selector(record.Key, change.New!) : default;
            left = change.HasOld ? selector(record.Key, change.Old!) : default;
            joins = change.HasNew && joined.Key is not null && joined.Value is not null;
            leaves = change.HasOld && left.Key is not null && left.Value is not null;
            stays = joins && leaves && EqualityComparer<TGroup>.Default.Equals(left.Key, joined.Key);
        }
        catch (Exception error) when (IsOwn(error))
        {
            Failed(error, in record);
            return;
        }

        if (stays)
        {
            Send(in record, left.Key, new(joined.Value, true, left.Value, true, change.IsLatest));
            return;
        }

        // The old value first, so that a row is never counted twice.
        if (leaves)
            Send(in record, left.Key, new(default, false, left.Value, true, change.IsLatest));
        if (joins)
            Send(in record, joined.Key, new(joined.Value, true, default, false, change.IsLatest));
    }

    private void Send(in Record<TKey, Change<TValue>> record, TGroup group, Change<TRow> change) =>
        Next.Process(new Record<TGroup, Change<TRow>>(group, change, record.Timestamp, record.HeadersOrNull));
}
