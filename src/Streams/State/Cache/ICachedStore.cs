using Streams.Processing;

namespace Streams.State;

/// <summary>
/// A store behind the record cache: changes reach the store, its changelog and whoever listens when the cache is flushed, the changes of a key
/// since the last flush as one. Keys of window and session stores are <see cref="Windowed{TKey}"/>.
/// </summary>
internal interface ICachedStore<TKey, TValue>
{
    /// <summary>
    /// Says who forwards what the cache lets go. A node that listens forwards nothing of its own. Without a listener, flushed changes go to the store
    /// alone.
    /// </summary>
    /// <param name="listener">Told of each flushed change.</param>
    /// <param name="sendOldValues">Whether changes are to hold the value that the store had.</param>
    void SetFlushListener(IFlushListener<TKey, TValue> listener, bool sendOldValues);
}

/// <summary>Told of each change as it leaves the cache, with the task's context as it was when the change was put.</summary>
internal interface IFlushListener<TKey, TValue>
{
    void Flushed(TKey key, in Change<TValue> change, long timestamp, Headers? headers);
}

/// <summary>A store that holds changes back until it is flushed.</summary>
internal interface IFlushableCache
{
    /// <summary>Writes what is held back to the store, and to its listener.</summary>
    void FlushCache();
}
