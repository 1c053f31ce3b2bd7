namespace Streams.Processing;

/// <summary>How a group's value follows from a row that leaves it and a row that joins it.</summary>
internal abstract class TableAggregation<TKey, TValue, TAggregate>
{
    /// <summary>The group's value without a row.</summary>
    public abstract TAggregate Subtract(TKey key, TValue value, TAggregate aggregate);

    /// <summary>The group's value with one more row.</summary>
    /// <param name="key">The group.</param>
    /// <param name="value">The row's value.</param>
    /// <param name="aggregate">The group's value so far; meaningless where <paramref name="hasAggregate"/> is false.</param>
    /// <param name="hasAggregate">Whether the group has a value.</param>
    public abstract TAggregate Add(TKey key, TValue value, TAggregate aggregate, bool hasAggregate);
}

internal sealed class TableCounting<TKey, TValue> : TableAggregation<TKey, TValue, long>
{
    public override long Subtract(TKey key, TValue value, long aggregate) => aggregate - 1;

    public override long Add(TKey key, TValue value, long aggregate, bool hasAggregate) => hasAggregate ? aggregate + 1 : 1;
}

internal sealed class TableReducing<TKey, TValue>(Func<TValue, TValue, TValue> adder, Func<TValue, TValue, TValue> subtractor)
    : TableAggregation<TKey, TValue, TValue>
{
    public override TValue Subtract(TKey key, TValue value, TValue aggregate) => subtractor(aggregate, value);

    public override TValue Add(TKey key, TValue value, TValue aggregate, bool hasAggregate) => hasAggregate ? adder(aggregate, value) : value;
}

internal sealed class TableAggregating<TKey, TValue, TAggregate>(
    Func<TAggregate> initializer, Func<TKey, TValue, TAggregate, TAggregate> adder, Func<TKey, TValue, TAggregate, TAggregate> subtractor)
    : TableAggregation<TKey, TValue, TAggregate>
{
    public override TAggregate Subtract(TKey key, TValue value, TAggregate aggregate) => subtractor(key, value, aggregate);

    public override TAggregate Add(TKey key, TValue value, TAggregate aggregate, bool hasAggregate) =>
        adder(key, value, hasAggregate ? aggregate : initializer());
}

/// <summary>
/// Keeps one value per group of a table's rows: a row's old value is subtracted, then its new value added. A result of null deletes the group.
/// The result's time is the later of the row's and the group's.
/// </summary>
internal sealed class TableAggregateNode<TKey, TValue, TAggregate>(
    string name, string storeName, bool sendsOldValues, TableAggregation<TKey, TValue, TAggregate> aggregation)
    : TableNode<TKey, Change<TValue>, TAggregate>(name, storeName, sendsOldValues)
{
    protected override bool TryChange(in Record<TKey, Change<TValue>> record, out Change<TAggregate> change, out long timestamp)
    {
        if (!record.HasKey)
            throw new StreamsException($"Table aggregation '{Name}' was sent a record without a key: something else writes to its repartition topic.");

        var row = record.Value;
        var hasOld = Store!.TryGet(record.Key, out var old);
        var (next, hasNext) = (old.Value, hasOld);
        if (row.HasOld && hasOld)
        {
            next = aggregation.Subtract(record.Key, row.Old!, next);
            hasNext = next is not null;
        }

        if (row.HasNew)
        {
            next = aggregation.Add(record.Key, row.New!, next, hasNext);
            hasNext = next is not null;
        }

        timestamp = hasOld ? Math.Max(record.Timestamp, old.Timestamp) : record.Timestamp;
        change = new(next, hasNext, old.Value, hasOld);
        return true;
    }
}
