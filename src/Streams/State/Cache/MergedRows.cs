namespace Streams.State;

/// <summary>A row of a cache or of the store behind it, where its bytes put it in order.</summary>
/// <param name="Segment">The segment of its time.</param>
/// <param name="Bytes">Its key in the store, as bytes.</param>
/// <param name="Key">Its key.</param>
/// <param name="Value">Its value; meaningless where <paramref name="HasValue"/> is false.</param>
/// <param name="HasValue">False where the cache knows it to be deleted.</param>
internal readonly record struct MergeRow<TKey, TValue>(long Segment, byte[] Bytes, Windowed<TKey> Key, TValue Value, bool HasValue)
{
    public static int Compare(in MergeRow<TKey, TValue> x, in MergeRow<TKey, TValue> y)
    {
        var bySegment = x.Segment.CompareTo(y.Segment);
        return bySegment != 0 ? bySegment : x.Bytes.AsSpan().SequenceCompareTo(y.Bytes);
    }
}

/// <summary>The rows of a cache laid over those of its store.</summary>
internal static class MergedRows
{
    /// <summary>The rows of a store with those of its cache laid over them, in the order to list.</summary>
    /// <param name="stored">The store's, in that order.</param>
    /// <param name="cached">All that the cache holds.</param>
    /// <param name="takes">Whether a cached row is among those asked for: by its key's bytes and its window.</param>
    /// <param name="row">Gives a row its place: key's bytes, key, value, and whether there is a value.</param>
    /// <param name="keySerde">The keys' serde.</param>
    /// <param name="scratch">Where keys are written.</param>
    /// <param name="reverse">Whether the last comes first.</param>
    public static List<KeyValue<Windowed<TKey>, TValue>> Of<TKey, TValue>(
        IEnumerable<KeyValue<Windowed<TKey>, TValue>> stored,
        IReadOnlyCollection<CacheEntry<Windowed<TKey>, TValue>> cached,
        Func<OrderedKey<TKey>, TimeWindow, bool> takes,
        Func<byte[], Windowed<TKey>, TValue, bool, MergeRow<TKey, TValue>> row,
        ISerde<TKey> keySerde,
        RecordBuffer scratch,
        bool reverse)
    {
        var rows = new List<MergeRow<TKey, TValue>>();
        foreach (var (key, value) in stored)
            rows.Add(row(OrderedKey<TKey>.Of(key.Key, keySerde, scratch).Bytes, key, value, true));

        var over = new List<MergeRow<TKey, TValue>>();
        foreach (var entry in cached)
        {
            var key = OrderedKey<TKey>.Of(entry.Key.Key, keySerde, scratch);
            if (takes(key, entry.Key.Window))
                over.Add(row(key.Bytes, entry.Key, entry.Change.Value, entry.Change.HasValue));
        }

        over.Sort((x, y) => MergeRow<TKey, TValue>.Compare(x, y));
        if (reverse)
            over.Reverse();
        return Merge(over, rows, reverse);
    }

    /// <summary>
    /// Walks both lists, which are in the order to list, and takes of two rows with one key the cache's. Where the two are in different orders, as
    /// Kafka Streams' are for stores in memory with sessions of equal ends, so is the result.
    /// </summary>
    private static List<KeyValue<Windowed<TKey>, TValue>> Merge<TKey, TValue>(
        List<MergeRow<TKey, TValue>> cached, List<MergeRow<TKey, TValue>> stored, bool reverse)
    {
        var merged = new List<KeyValue<Windowed<TKey>, TValue>>(cached.Count + stored.Count);
        var (c, s) = (0, 0);
        while (c < cached.Count || s < stored.Count)
        {
            if (c == cached.Count)
            {
                merged.Add(new(stored[s].Key, stored[s].Value));
                s++;
                continue;
            }

            var order = s == stored.Count ? -1 : MergeRow<TKey, TValue>.Compare(cached[c], stored[s]) * (reverse ? -1 : 1);
            if (!cached[c].HasValue)
            {
                if (order == 0)
                    s++;
                if (order <= 0 || s == stored.Count)
                {
                    c++;
                    continue;
                }
            }

            if (order > 0)
            {
                merged.Add(new(stored[s].Key, stored[s].Value));
                s++;
                continue;
            }

            merged.Add(new(cached[c].Key, cached[c].Value));
            c++;
            if (order == 0)
                s++;
        }

        return merged;
    }
}
