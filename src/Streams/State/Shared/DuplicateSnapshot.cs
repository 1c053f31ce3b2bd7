using System.Diagnostics.CodeAnalysis;

namespace Streams.State;

/// <summary>The rows of a store of duplicates in memory as they were.</summary>
/// <param name="spec">The store's.</param>
/// <param name="keys">Each key's rows.</param>
/// <param name="earliestVisible">The earliest start of a row that reads find.</param>
/// <param name="usesSegments">Whether rows are listed as persistent stores list them.</param>
/// <param name="scratch">Where keys are written: the reader's own.</param>
internal sealed class DuplicateSnapshot<TKey, TStored>(
    WindowStoreSpec<TKey, TStored> spec, CowMap<TKey, DuplicateRows<TStored>> keys, long earliestVisible, bool usesSegments, RecordBuffer scratch)
    : IReadOnlyWindowStore<TKey, TStored>
{
    /// <summary>Finds the first of the values put at that time.</summary>
    public bool TryFetch(TKey key, long windowStart, [MaybeNullWhen(false)] out TStored value)
    {
        value = default;
        if (windowStart < earliestVisible || !keys.TryGetValue(key, out var rows))
            return false;

        var at = rows.FirstFrom(windowStart);
        if (at == rows.Count || rows[at].Start != windowStart)
            return false;

        value = rows[at].Value;
        return true;
    }

    public IEnumerable<KeyValue<long, TStored>> Fetch(TKey key, long from, long to) => Of(key, from, to);

    public IEnumerable<KeyValue<long, TStored>> BackwardFetch(TKey key, long from, long to)
    {
        var found = Of(key, from, to);
        found.Reverse();
        return found;
    }

    public IEnumerable<KeyValue<Windowed<TKey>, TStored>> FetchRange(TKey? keyFrom, TKey? keyTo, long from, long to) =>
        Within(Bytes(keyFrom), Bytes(keyTo), from, to);

    public IEnumerable<KeyValue<Windowed<TKey>, TStored>> BackwardFetchRange(TKey? keyFrom, TKey? keyTo, long from, long to)
    {
        var found = Within(Bytes(keyFrom), Bytes(keyTo), from, to);
        found.Reverse();
        return found;
    }

    public IEnumerable<KeyValue<Windowed<TKey>, TStored>> FetchAll(long from, long to) => Within(null, null, from, to);

    public IEnumerable<KeyValue<Windowed<TKey>, TStored>> BackwardFetchAll(long from, long to)
    {
        var found = Within(null, null, from, to);
        found.Reverse();
        return found;
    }

    public IEnumerable<KeyValue<Windowed<TKey>, TStored>> All() => FetchAll(long.MinValue, long.MaxValue);

    public IEnumerable<KeyValue<Windowed<TKey>, TStored>> BackwardAll() => BackwardFetchAll(long.MinValue, long.MaxValue);

    private List<KeyValue<long, TStored>> Of(TKey key, long from, long to)
    {
        var found = new List<KeyValue<long, TStored>>();
        if (!keys.TryGetValue(key, out var rows))
            return found;

        for (var i = rows.FirstFrom(Math.Max(from, earliestVisible)); i < rows.Count && rows[i].Start <= to; i++)
            found.Add(new(rows[i].Start, rows[i].Value));
        return found;
    }

    private List<KeyValue<Windowed<TKey>, TStored>> Within(byte[]? first, byte[]? last, long from, long to)
    {
        var found = new WindowedRows<TKey, TStored>(byEnd: false);
        from = Math.Max(from, earliestVisible);
        foreach (var (key, rows) in keys)
        {
            var ordered = OrderedKey<TKey>.Of(key, spec.KeySerde, scratch);
            if (!ordered.IsWithin(first, last))
                continue;

            for (var i = rows.FirstFrom(from); i < rows.Count && rows[i].Start <= to; i++)
                found.Add(ordered, TimeWindow.Of(rows[i].Start, spec.WindowSizeMs), rows[i].Value);
        }

        return usesSegments ? found.BySegment(spec.SegmentIntervalMs) : found.ByTime();
    }

    private byte[]? Bytes(TKey? key) => key is null ? null : OrderedKey<TKey>.Of(key, spec.KeySerde, scratch).Bytes;
}
