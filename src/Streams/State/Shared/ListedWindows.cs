using System.Diagnostics.CodeAnalysis;

namespace Streams.State;

/// <summary>A window store in memory as it was, and the order in which it lists its rows.</summary>
/// <param name="spec">The store's.</param>
/// <param name="likePersistent">Whether rows are listed as persistent stores list them: a segment after the other.</param>
/// <param name="scratch">Where keys are written: the reader's own.</param>
internal abstract class ListedWindows<TKey, TStored>(WindowStoreSpec<TKey, TStored> spec, bool likePersistent, RecordBuffer scratch)
    : IReadOnlyWindowStore<TKey, TStored>
{
    public abstract bool TryFetch(TKey key, long windowStart, [MaybeNullWhen(false)] out TStored value);

    public IEnumerable<KeyValue<long, TStored>> Fetch(TKey key, long from, long to) => Of(key, from, to);

    public IEnumerable<KeyValue<long, TStored>> BackwardFetch(TKey key, long from, long to)
    {
        var found = Of(key, from, to);
        found.Reverse();
        return found;
    }

    public IEnumerable<KeyValue<Windowed<TKey>, TStored>> FetchRange(TKey? keyFrom, TKey? keyTo, long from, long to) =>
        Within(Bytes(keyFrom), Bytes(keyTo), from, to, spec.ListsRangesByTime);

    public IEnumerable<KeyValue<Windowed<TKey>, TStored>> BackwardFetchRange(TKey? keyFrom, TKey? keyTo, long from, long to)
    {
        var found = Within(Bytes(keyFrom), Bytes(keyTo), from, to, spec.ListsRangesByTime);
        found.Reverse();
        return found;
    }

    public IEnumerable<KeyValue<Windowed<TKey>, TStored>> FetchAll(long from, long to) => Within(null, null, from, to, spec.ListsAllByTime);

    public IEnumerable<KeyValue<Windowed<TKey>, TStored>> BackwardFetchAll(long from, long to)
    {
        var found = Within(null, null, from, to, spec.ListsAllByTime);
        found.Reverse();
        return found;
    }

    public IEnumerable<KeyValue<Windowed<TKey>, TStored>> All() => FetchAll(long.MinValue, long.MaxValue);

    public IEnumerable<KeyValue<Windowed<TKey>, TStored>> BackwardAll() => BackwardFetchAll(long.MinValue, long.MaxValue);

    /// <summary>Adds a key's rows that start within bounds, by start.</summary>
    protected abstract void Collect(TKey key, long from, long to, List<KeyValue<long, TStored>> found);

    /// <summary>Adds the rows of all keys within bounds that start within bounds, in any order.</summary>
    protected abstract void Collect(byte[]? first, byte[]? last, long from, long to, WindowedRows<TKey, TStored> found);

    protected OrderedKey<TKey> Ordered(TKey key) => OrderedKey<TKey>.Of(key, spec.KeySerde, scratch);

    protected TimeWindow Window(long start) => TimeWindow.Of(start, spec.WindowSizeMs);

    private List<KeyValue<long, TStored>> Of(TKey key, long from, long to)
    {
        var found = new List<KeyValue<long, TStored>>();
        Collect(key, from, to, found);
        return found;
    }

    private List<KeyValue<Windowed<TKey>, TStored>> Within(byte[]? first, byte[]? last, long from, long to, bool listsByTime)
    {
        var found = new WindowedRows<TKey, TStored>(byEnd: false);
        Collect(first, last, from, to, found);
        return likePersistent && !listsByTime ? found.BySegment(spec.SegmentIntervalMs) : found.ByTime();
    }

    private byte[]? Bytes(TKey? key) => key is null ? null : Ordered(key).Bytes;
}
