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
    /// <param name="stored">The store's, in that order: read as the result is.</param>
    /// <param name="cached">All that the cache holds.</param>
    /// <param name="takes">Whether a cached row is among those asked for: by its key's bytes and its window.</param>
    /// <param name="row">Gives a row its place: key's bytes, key, value, and whether there is a value.</param>
    /// <param name="keySerde">The keys' serde.</param>
    /// <param name="scratch">Where keys are written.</param>
    /// <param name="reverse">Whether the last comes first.</param>
    public static IEnumerable<KeyValue<Windowed<TKey>, TValue>> Of<TKey, TValue>(
        IEnumerable<KeyValue<Windowed<TKey>, TValue>> stored,
        CowMap<Windowed<TKey>, CacheEntry<Windowed<TKey>, TValue>> cached,
        Func<OrderedKey<TKey>, TimeWindow, bool> takes,
        Func<byte[], Windowed<TKey>, TValue, bool, MergeRow<TKey, TValue>> row,
        ISerde<TKey> keySerde,
        RecordBuffer scratch,
        bool reverse)
    {
        var over = new List<MergeRow<TKey, TValue>>();
        foreach (var (_, entry) in cached)
        {
            var key = OrderedKey<TKey>.Of(entry.Key.Key, keySerde, scratch);
            if (takes(key, entry.Key.Window))
                over.Add(row(key.Bytes, entry.Key, entry.Change.Value, entry.Change.HasValue));
        }

        over.Sort((x, y) => MergeRow<TKey, TValue>.Compare(x, y));
        if (reverse)
            over.Reverse();
        return Merge(over, stored.Select(e => row(OrderedKey<TKey>.Of(e.Key.Key, keySerde, scratch).Bytes, e.Key, e.Value, true)), reverse);
    }

    /// <summary>
    /// Walks both, which are in the order to list, and takes of two rows with one key the cache's. Where the two are in different orders, as
    /// Kafka Streams' are for stores in memory with sessions of equal ends, so is the result.
    /// </summary>
    private static IEnumerable<KeyValue<Windowed<TKey>, TValue>> Merge<TKey, TValue>(
        List<MergeRow<TKey, TValue>> cached, IEnumerable<MergeRow<TKey, TValue>> stored, bool reverse)
    {
        using var rows = stored.GetEnumerator();
        var hasRow = rows.MoveNext();
        var c = 0;
        while (c < cached.Count || hasRow)
        {
            var order = c == cached.Count ? 1 : !hasRow ? -1 : MergeRow<TKey, TValue>.Compare(cached[c], rows.Current) * (reverse ? -1 : 1);
            if (order <= 0 && !cached[c].HasValue)
            {
                if (order == 0)
                    hasRow = rows.MoveNext();
                c++;
                continue;
            }

            if (order > 0)
            {
                yield return new(rows.Current.Key, rows.Current.Value);
                hasRow = rows.MoveNext();
                continue;
            }

            yield return new(cached[c].Key, cached[c].Value);
            c++;
            if (order == 0)
                hasRow = rows.MoveNext();
        }
    }
}
