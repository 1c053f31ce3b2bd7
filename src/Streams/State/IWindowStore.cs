using System.Diagnostics.CodeAnalysis;

namespace Streams;

/// <summary>A window store as queries see it: values by key and window start. Times are milliseconds since 1970-01-01 UTC.</summary>
public interface IReadOnlyWindowStore<TKey, TValue>
{
    /// <summary>Finds the value of the window of <paramref name="key"/> that starts at <paramref name="windowStart"/>.</summary>
    bool TryFetch(TKey key, long windowStart, [MaybeNullWhen(false)] out TValue value);

    /// <summary>A key's windows that start from <paramref name="from"/> to <paramref name="to"/>, both included, by start. A snapshot.</summary>
    IEnumerable<KeyValue<long, TValue>> Fetch(TKey key, long from, long to);

    /// <summary>As <see cref="Fetch"/>, into a list that is used again: what processing a record calls.</summary>
    internal void CollectWindows(TKey key, long from, long to, List<KeyValue<long, TValue>> found) => found.AddRange(Fetch(key, from, to));

    /// <summary>As <see cref="Fetch"/>, latest first.</summary>
    IEnumerable<KeyValue<long, TValue>> BackwardFetch(TKey key, long from, long to);

    /// <summary>
    /// The windows of keys from <paramref name="keyFrom"/> to <paramref name="keyTo"/> (both included; null is open) that start from
    /// <paramref name="from"/> to <paramref name="to"/>, both included. A snapshot, in the order of <see cref="All"/>.
    /// </summary>
    IEnumerable<KeyValue<Windowed<TKey>, TValue>> FetchRange(TKey? keyFrom, TKey? keyTo, long from, long to);

    /// <summary>As <see cref="FetchRange"/>, last first.</summary>
    IEnumerable<KeyValue<Windowed<TKey>, TValue>> BackwardFetchRange(TKey? keyFrom, TKey? keyTo, long from, long to);

    /// <summary>
    /// All keys' windows that start from <paramref name="from"/> to <paramref name="to"/>, both included. A snapshot, in the order of
    /// <see cref="All"/>.
    /// </summary>
    IEnumerable<KeyValue<Windowed<TKey>, TValue>> FetchAll(long from, long to);

    /// <summary>As <see cref="FetchAll"/>, last first.</summary>
    IEnumerable<KeyValue<Windowed<TKey>, TValue>> BackwardFetchAll(long from, long to);

    /// <summary>
    /// Everything that is not past its retention. A snapshot. In memory by start, then key; of persistent stores by segment of time, then key,
    /// then start.
    /// </summary>
    IEnumerable<KeyValue<Windowed<TKey>, TValue>> All();

    /// <summary>As <see cref="All"/>, last first.</summary>
    IEnumerable<KeyValue<Windowed<TKey>, TValue>> BackwardAll();
}

/// <summary>
/// Values by key and window start. A window whose start is a retention or more behind the latest start put is gone: reads do not find it and
/// puts are dropped.
/// </summary>
public interface IWindowStore<TKey, TValue> : IReadOnlyWindowStore<TKey, TValue>, IStateStore
{
    /// <summary>Sets the value of a key's window; null deletes it.</summary>
    void Put(TKey key, TValue value, long windowStart);
}

/// <summary>A window store whose values carry the time of their last change: what windowed aggregations keep.</summary>
public interface ITimestampedWindowStore<TKey, TValue> : IWindowStore<TKey, ValueAndTimestamp<TValue>>;
