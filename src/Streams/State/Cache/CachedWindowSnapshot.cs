using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;

namespace Streams.State;

/// <summary>A window store with its record cache laid over it.</summary>
/// <param name="store">The store behind the cache, in the same state.</param>
/// <param name="cache">What the cache holds.</param>
/// <param name="spec">The store's.</param>
/// <param name="segmentMs">The length of the segments by which rows are listed; 1 where they are listed by time.</param>
/// <param name="scratch">Where keys are written: the reader's own.</param>
internal sealed class CachedWindowSnapshot<TKey, TStored>(
    IReadOnlyWindowStore<TKey, TStored> store,
    CowMap<Windowed<TKey>, CacheEntry<Windowed<TKey>, TStored>> cache,
    WindowStoreSpec<TKey, TStored> spec,
    long segmentMs,
    RecordBuffer scratch) : IReadOnlyWindowStore<TKey, TStored>, IDisposable
{
    /// <summary>Lays the cached windows of a key over those of the store, which <paramref name="found"/> holds from <paramref name="first"/> on.</summary>
    public static void Lay(List<CacheEntry<Windowed<TKey>, TStored>> cached, long from, long to, List<KeyValue<long, TStored>> found, int first)
    {
        foreach (var entry in cached)
        {
            var start = entry.Key.Window.StartMs;
            if (start < from || start > to)
                continue;

            var at = found.Count;
            while (at > first && found[at - 1].Key >= start)
                at--;
            if (at < found.Count && found[at].Key == start)
                found.RemoveAt(at);
            if (entry.Change.HasValue)
                found.Insert(at, new(start, entry.Change.Value));
        }
    }

    public bool TryFetch(TKey key, long windowStart, [MaybeNullWhen(false)] out TStored value)
    {
        if (!cache.TryGetValue(new(key, TimeWindow.Of(windowStart, spec.WindowSizeMs)), out var entry))
            return store.TryFetch(key, windowStart, out value);

        value = entry.Change.Value;
        return entry.Change.HasValue;
    }

    public IEnumerable<KeyValue<long, TStored>> Fetch(TKey key, long from, long to)
    {
        var found = new List<KeyValue<long, TStored>>();
        found.AddRange(store.Fetch(key, from, to));
        Lay(KeyIndex<TKey, TStored>.Of(key, cache, KeyEquality.For(spec.KeySerde)), from, to, found, 0);
        return found;
    }

    public IEnumerable<KeyValue<long, TStored>> BackwardFetch(TKey key, long from, long to) => Fetch(key, from, to).Reverse();

    public IEnumerable<KeyValue<Windowed<TKey>, TStored>> FetchRange(TKey? keyFrom, TKey? keyTo, long from, long to) =>
        Merged(store.FetchRange(keyFrom, keyTo, from, to), Bytes(keyFrom), Bytes(keyTo), from, to, spec.ListsRangesByTime, reverse: false);

    public IEnumerable<KeyValue<Windowed<TKey>, TStored>> BackwardFetchRange(TKey? keyFrom, TKey? keyTo, long from, long to) =>
        Merged(store.BackwardFetchRange(keyFrom, keyTo, from, to), Bytes(keyFrom), Bytes(keyTo), from, to, spec.ListsRangesByTime, reverse: true);

    public IEnumerable<KeyValue<Windowed<TKey>, TStored>> FetchAll(long from, long to) =>
        Merged(store.FetchAll(from, to), null, null, from, to, spec.ListsAllByTime, reverse: false);

    public IEnumerable<KeyValue<Windowed<TKey>, TStored>> BackwardFetchAll(long from, long to) =>
        Merged(store.BackwardFetchAll(from, to), null, null, from, to, spec.ListsAllByTime, reverse: true);

    public IEnumerable<KeyValue<Windowed<TKey>, TStored>> All() =>
        Merged(store.All(), null, null, long.MinValue, long.MaxValue, spec.ListsAllByTime, reverse: false);

    public IEnumerable<KeyValue<Windowed<TKey>, TStored>> BackwardAll() =>
        Merged(store.BackwardAll(), null, null, long.MinValue, long.MaxValue, spec.ListsAllByTime, reverse: true);

    public void Dispose() => (store as IDisposable)?.Dispose();

    private byte[]? Bytes(TKey? key) => key is null ? null : OrderedKey<TKey>.Of(key, spec.KeySerde, scratch).Bytes;

    private IEnumerable<KeyValue<Windowed<TKey>, TStored>> Merged(
        IEnumerable<KeyValue<Windowed<TKey>, TStored>> stored, byte[]? first, byte[]? last, long from, long to, bool byTime, bool reverse) => MergedRows.Of(
        stored,
        cache,
        (key, window) => window.StartMs >= from && window.StartMs <= to && key.IsWithin(first, last),
        byTime ? RowByTime : Row,
        spec.KeySerde,
        scratch,
        reverse);

    private MergeRow<TKey, TStored> Row(byte[] key, Windowed<TKey> windowed, TStored value, bool hasValue)
    {
        var bytes = new byte[key.Length + sizeof(long)];
        key.CopyTo(bytes, 0);
        BinaryPrimitives.WriteInt64BigEndian(bytes.AsSpan(key.Length), windowed.Window.StartMs);
        return new(windowed.Window.StartMs / segmentMs, bytes, windowed, value, hasValue);
    }

    private MergeRow<TKey, TStored> RowByTime(byte[] key, Windowed<TKey> windowed, TStored value, bool hasValue) =>
        new(windowed.Window.StartMs, key, windowed, value, hasValue);
}
