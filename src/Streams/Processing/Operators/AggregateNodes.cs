namespace Streams.Processing;

/// <summary>How a group's next value comes from its last; the same for plain groups and windows.</summary>
internal abstract class Aggregation<TKey, TValue, TAggregate>
{
    /// <summary>What a group's first record meets; false where it meets nothing.</summary>
    public virtual bool TryInitial(out TAggregate initial)
    {
        initial = default!;
        return false;
    }

    /// <param name="key">The group.</param>
    /// <param name="value">The record's value.</param>
    /// <param name="old">The group's value so far; meaningless where <paramref name="hasOld"/> is false.</param>
    /// <param name="hasOld">Whether the group has a value.</param>
    public abstract TAggregate Next(TKey key, TValue value, TAggregate old, bool hasOld);

    /// <summary>Two sessions' values made into one; what comes first may be the initial value, or nothing.</summary>
    public abstract TAggregate Merge(TKey key, TAggregate one, bool hasOne, TAggregate two);
}

internal sealed class Counting<TKey, TValue> : Aggregation<TKey, TValue, long>
{
    public override bool TryInitial(out long initial)
    {
        initial = 0;
        return true;
    }

    public override long Next(TKey key, TValue value, long old, bool hasOld) => old + 1;

    public override long Merge(TKey key, long one, bool hasOne, long two) => one + two;
}

internal sealed class Reducing<TKey, TValue>(Func<TValue, TValue, TValue> reducer) : Aggregation<TKey, TValue, TValue>
{
    public override TValue Next(TKey key, TValue value, TValue old, bool hasOld) => hasOld ? reducer(old, value) : value;

    public override TValue Merge(TKey key, TValue one, bool hasOne, TValue two) => hasOne ? reducer(one, two) : two;
}

internal sealed class Aggregating<TKey, TValue, TAggregate>(
    Func<TAggregate> initializer,
    Func<TKey, TValue, TAggregate, TAggregate> aggregator,
    Func<TKey, TAggregate, TAggregate, TAggregate>? merger = null)
    : Aggregation<TKey, TValue, TAggregate>
{
    public override bool TryInitial(out TAggregate initial)
    {
        initial = initializer();
        return true;
    }

    public override TAggregate Next(TKey key, TValue value, TAggregate old, bool hasOld) =>
        aggregator(key, value, hasOld ? old : initializer());

    public override TAggregate Merge(TKey key, TAggregate one, bool hasOne, TAggregate two) => merger!(key, one, two);
}

/// <summary>
/// Keeps one value per key. Records without key or value are dropped. A result's time is the greatest of its records'; a result of null
/// deletes the key.
/// </summary>
internal sealed class AggregateNode<TKey, TValue, TAggregate>(
    string name, string storeName, bool sendsOldValues, Aggregation<TKey, TValue, TAggregate> aggregation)
    : TableNode<TKey, TValue, TAggregate>(name, storeName, sendsOldValues)
{
    protected override bool TryChange(in Record<TKey, TValue> record, out Change<TAggregate> change, out long timestamp)
    {
        timestamp = record.Timestamp;
        if (!record.HasKey || !record.HasValue)
        {
            Context.Drop(record.HasKey ? DropReason.NoValue : DropReason.NoKey);
            change = default;
            return false;
        }

        var hasOld = Store!.TryGet(record.Key, out var old);
        var (before, hasBefore) = (old.Value, hasOld);
        if (hasOld)
            timestamp = Math.Max(timestamp, old.Timestamp);
        else
            hasBefore = aggregation.TryInitial(out before);
        var next = aggregation.Next(record.Key, record.Value, before, hasBefore);

        // As in Kafka Streams, a new key's old value is the initial one.
        change = new(next, next is not null, before, hasBefore);
        return true;
    }
}
