using System.Diagnostics.CodeAnalysis;

namespace Streams.TestKit;

/// <summary>A window store of values with times, as one of values alone. What is put through it has no time (−1), as through Kafka Streams' driver.</summary>
internal sealed class PlainWindowView<TKey, TValue>(ITimestampedWindowStore<TKey, TValue> store) : IWindowStore<TKey, TValue>
{
    private const long NoTime = -1;

    public string Name => store.Name;

    public void Init(StateStoreContext context) => store.Init(context);

    public void Put(TKey key, TValue value, long windowStart) => store.Put(key, new(value, NoTime), windowStart);

    public bool TryFetch(TKey key, long windowStart, [MaybeNullWhen(false)] out TValue value)
    {
        var found = store.TryFetch(key, windowStart, out var stored);
        value = stored.Value;
        return found;
    }

    public IEnumerable<KeyValue<long, TValue>> Fetch(TKey key, long from, long to) => Plain(store.Fetch(key, from, to));

    public IEnumerable<KeyValue<long, TValue>> BackwardFetch(TKey key, long from, long to) => Plain(store.BackwardFetch(key, from, to));

    public IEnumerable<KeyValue<Windowed<TKey>, TValue>> FetchRange(TKey? keyFrom, TKey? keyTo, long from, long to) =>
        Plain(store.FetchRange(keyFrom, keyTo, from, to));

    public IEnumerable<KeyValue<Windowed<TKey>, TValue>> BackwardFetchRange(TKey? keyFrom, TKey? keyTo, long from, long to) =>
        Plain(store.BackwardFetchRange(keyFrom, keyTo, from, to));

    public IEnumerable<KeyValue<Windowed<TKey>, TValue>> FetchAll(long from, long to) => Plain(store.FetchAll(from, to));

    public IEnumerable<KeyValue<Windowed<TKey>, TValue>> BackwardFetchAll(long from, long to) => Plain(store.BackwardFetchAll(from, to));

    public IEnumerable<KeyValue<Windowed<TKey>, TValue>> All() => Plain(store.All());

    public IEnumerable<KeyValue<Windowed<TKey>, TValue>> BackwardAll() => Plain(store.BackwardAll());

    public void Flush() => store.Flush();

    public void Close() => store.Close();

    private static IEnumerable<KeyValue<T, TValue>> Plain<T>(IEnumerable<KeyValue<T, ValueAndTimestamp<TValue>>> entries) =>
        entries.Select(e => KeyValue.Pair(e.Key, e.Value.Value));
}
