using Streams.Processing;

namespace Streams.State;

/// <summary>Tells a listener of what leaves a cache: unwraps stored values, and chooses the change's time.</summary>
internal abstract class CacheListener<TKey, TStored>(bool sendOldValues)
{
    public bool SendsOldValues => sendOldValues;

    public abstract void Tell(in CachedChange<TKey, TStored> change, TStored? old, bool hasOld);
}

/// <summary>Stored values are the values; a change's time is that of the record that caused it.</summary>
internal sealed class PlainCacheListener<TKey, TValue>(IFlushListener<TKey, TValue> listener, bool sendOldValues)
    : CacheListener<TKey, TValue>(sendOldValues)
{
    public override void Tell(in CachedChange<TKey, TValue> change, TValue? old, bool hasOld) => listener.Flushed(
        change.Key, new Change<TValue>(change.Value, change.HasValue, old, hasOld), change.Timestamp, change.Headers);
}

/// <summary>A change's time is its session's end.</summary>
internal sealed class SessionCacheListener<TKey, TAggregate>(IFlushListener<Windowed<TKey>, TAggregate> listener, bool sendOldValues)
    : CacheListener<Windowed<TKey>, TAggregate>(sendOldValues)
{
    public override void Tell(in CachedChange<Windowed<TKey>, TAggregate> change, TAggregate? old, bool hasOld) => listener.Flushed(
        change.Key, new Change<TAggregate>(change.Value, change.HasValue, old, hasOld), change.Key.Window.EndMs, change.Headers);
}

/// <summary>Stored values carry their time; a deletion has that of the record that caused it.</summary>
internal sealed class TimestampedCacheListener<TKey, TValue>(IFlushListener<TKey, TValue> listener, bool sendOldValues)
    : CacheListener<TKey, ValueAndTimestamp<TValue>>(sendOldValues)
{
    public override void Tell(in CachedChange<TKey, ValueAndTimestamp<TValue>> change, ValueAndTimestamp<TValue> old, bool hasOld) => listener.Flushed(
        change.Key,
        new Change<TValue>(change.Value.Value, change.HasValue, old.Value, hasOld),
        change.HasValue ? change.Value.Timestamp : change.Timestamp,
        change.Headers);
}
