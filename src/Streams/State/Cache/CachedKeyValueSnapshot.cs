using System.Diagnostics.CodeAnalysis;

namespace Streams.State;

/// <summary>A key-value store with its record cache laid over it, read entry by entry.</summary>
/// <param name="store">The store behind the cache, in the same state.</param>
/// <param name="cache">What the cache holds.</param>
/// <param name="keySerde">The keys' serde.</param>
/// <param name="scratch">Where keys are written: the reader's own.</param>
internal sealed class CachedKeyValueSnapshot<TKey, TStored>(
    IReadOnlyKeyValueStore<TKey, TStored> store, CowMap<TKey, CacheEntry<TKey, TStored>> cache, ISerde<TKey> keySerde, RecordBuffer scratch)
    : IReadOnlyKeyValueStore<TKey, TStored>, IDisposable
{
    public long Count => store.Count;

    public bool TryGet(TKey key, [MaybeNullWhen(false)] out TStored value)
    {
        if (!cache.TryGetValue(key, out var entry))
            return store.TryGet(key, out value);

        value = entry.Change.Value;
        return entry.Change.HasValue;
    }

    public IEnumerable<KeyValue<TKey, TStored>> All() => Merged(store.All(), _ => true, reverse: false);

    public IEnumerable<KeyValue<TKey, TStored>> ReverseAll() => Merged(store.ReverseAll(), _ => true, reverse: true);

    public IEnumerable<KeyValue<TKey, TStored>> Range(TKey? from, TKey? to) => Merged(store.Range(from, to), Between(from, to), reverse: false);

    public IEnumerable<KeyValue<TKey, TStored>> ReverseRange(TKey? from, TKey? to) => Merged(store.ReverseRange(from, to), Between(from, to), reverse: true);

    public IEnumerable<KeyValue<TKey, TStored>> PrefixScan<TPrefix>(TPrefix prefix, ISerde<TPrefix> prefixSerde)
    {
        var first = OrderedKey<TKey>.Prefix(prefix, prefixSerde, scratch).Bytes;
        return Merged(store.PrefixScan(prefix, prefixSerde), key => key.Bytes.AsSpan().StartsWith(first), reverse: false);
    }

    public void Dispose() => (store as IDisposable)?.Dispose();

    private Func<OrderedKey<TKey>, bool> Between(TKey? from, TKey? to)
    {
        var first = from is null ? null : OrderedKey<TKey>.Of(from, keySerde, scratch).Bytes;
        var last = to is null ? null : OrderedKey<TKey>.Of(to, keySerde, scratch).Bytes;
        return key => key.IsWithin(first, last);
    }

    private IEnumerable<KeyValue<TKey, TStored>> Merged(IEnumerable<KeyValue<TKey, TStored>> stored, Func<OrderedKey<TKey>, bool> takes, bool reverse)
    {
        var over = new List<(OrderedKey<TKey> Key, CachedChange<TKey, TStored> Change)>();
        foreach (var (own, entry) in cache)
        {
            var key = OrderedKey<TKey>.Of(own, keySerde, scratch);
            if (takes(key))
                over.Add((key, entry.Change));
        }

        over.Sort((x, y) => OrderedKey<TKey>.Comparer.Compare(x.Key, y.Key));
        if (reverse)
            over.Reverse();

        var c = 0;
        foreach (var row in stored)
        {
            var key = OrderedKey<TKey>.Of(row.Key, keySerde, scratch);
            var isCached = false;
            for (; c < over.Count && !isCached; c++)
            {
                var order = OrderedKey<TKey>.Comparer.Compare(over[c].Key, key) * (reverse ? -1 : 1);
                if (order > 0)
                    break;

                isCached = order == 0;
                if (over[c].Change.HasValue)
                    yield return new(over[c].Key.Key, over[c].Change.Value);
            }

            if (!isCached)
                yield return row;
        }

        for (; c < over.Count; c++)
        {
            if (over[c].Change.HasValue)
                yield return new(over[c].Key.Key, over[c].Change.Value);
        }
    }
}
