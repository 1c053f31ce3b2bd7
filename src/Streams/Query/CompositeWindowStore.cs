using System.Diagnostics.CodeAnalysis;

namespace Streams.Query;

/// <summary>This instance's partitions of a window store as one. In order within a partition; the partitions follow each other.</summary>
internal sealed class CompositeWindowStore<TKey, TValue>(LocalStores stores) : IReadOnlyWindowStore<TKey, TValue>
{
    private bool Timed => stores.Holds<IReadOnlyWindowStore<TKey, ValueAndTimestamp<TValue>>>();

    public bool TryFetch(TKey key, long windowStart, [MaybeNullWhen(false)] out TValue value)
    {
        (bool Found, TValue? Value) answer = Timed
            ? stores.Ask<IReadOnlyWindowStore<TKey, ValueAndTimestamp<TValue>>, (bool, TValue?)>(
                s => s.TryFetch(key, windowStart, out var found) ? (true, found.Value) : default).FirstOrDefault(a => a.Item1)
            : stores.Ask<IReadOnlyWindowStore<TKey, TValue>, (bool, TValue?)>(
                s => s.TryFetch(key, windowStart, out var found) ? (true, found) : default).FirstOrDefault(a => a.Item1);
        value = answer.Value;
        return answer.Found;
    }

    public IEnumerable<KeyValue<long, TValue>> Fetch(TKey key, long from, long to) =>
        List(s => s.Fetch(key, from, to), s => s.Fetch(key, from, to));

    public IEnumerable<KeyValue<long, TValue>> BackwardFetch(TKey key, long from, long to) =>
        List(s => s.BackwardFetch(key, from, to), s => s.BackwardFetch(key, from, to));

    public IEnumerable<KeyValue<Windowed<TKey>, TValue>> FetchRange(TKey? keyFrom, TKey? keyTo, long from, long to) =>
        List(s => s.FetchRange(keyFrom, keyTo, from, to), s => s.FetchRange(keyFrom, keyTo, from, to));

    public IEnumerable<KeyValue<Windowed<TKey>, TValue>> BackwardFetchRange(TKey? keyFrom, TKey? keyTo, long from, long to) =>
        List(s => s.BackwardFetchRange(keyFrom, keyTo, from, to), s => s.BackwardFetchRange(keyFrom, keyTo, from, to));

    public IEnumerable<KeyValue<Windowed<TKey>, TValue>> FetchAll(long from, long to) =>
        List(s => s.FetchAll(from, to), s => s.FetchAll(from, to));

    public IEnumerable<KeyValue<Windowed<TKey>, TValue>> BackwardFetchAll(long from, long to) =>
        List(s => s.BackwardFetchAll(from, to), s => s.BackwardFetchAll(from, to));

    public IEnumerable<KeyValue<Windowed<TKey>, TValue>> BackwardAll() => List(s => s.BackwardAll(), s => s.BackwardAll());

    public IEnumerable<KeyValue<Windowed<TKey>, TValue>> All() => List(s => s.All(), s => s.All());

    private IEnumerable<KeyValue<T, TValue>> List<T>(
        Func<IReadOnlyWindowStore<TKey, TValue>, IEnumerable<KeyValue<T, TValue>>> plain,
        Func<IReadOnlyWindowStore<TKey, ValueAndTimestamp<TValue>>, IEnumerable<KeyValue<T, ValueAndTimestamp<TValue>>>> timed) =>
        Timed
            ? stores.List(timed).Select(e => KeyValue.Pair(e.Key, e.Value.Value))
            : stores.List(plain);
}
