using System.Diagnostics.CodeAnalysis;

namespace Streams;

/// <summary>A window store as queries see it: values by key and window start. Times are milliseconds since 1970-01-01 UTC.</summary>
public interface IReadOnlyWindowStore<TKey, TValue>
{
    /// <summary>Finds the value of the window of <paramref name="key"/> that starts at <paramref name="windowStart"/>.</summary>
    bool TryFetch(TKey key, long windowStart, [MaybeNullWhen(false)] out TValue value);

    /// <summary>A key's windows that start from <paramref name="from"/> to <paramref name="to"/>, both included, by start. A snapshot.</summary>
    IEnumerable<KeyValue<long, TValue>> Fetch(TKey key, long from, long to);

    /// <summary>All keys' windows that start from <paramref name="from"/> to <paramref name="to"/>, both included, by start, then key. A snapshot.</summary>
    IEnumerable<KeyValue<Windowed<TKey>, TValue>> FetchAll(long from, long to);

    /// <summary>Everything that is not past its retention, by start, then key. A snapshot.</summary>
    IEnumerable<KeyValue<Windowed<TKey>, TValue>> All();
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
