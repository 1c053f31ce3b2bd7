using System.Diagnostics.CodeAnalysis;

namespace Streams.State;

/// <summary>The windows of a store in memory as they were.</summary>
/// <param name="spec">The store's.</param>
/// <param name="windows">Its rows.</param>
/// <param name="earliestStart">The first start that retention still held.</param>
/// <param name="likePersistent">Whether rows are listed as persistent stores list them.</param>
/// <param name="scratch">Where keys are written: the reader's own.</param>
internal sealed class WindowSnapshot<TKey, TStored>(
    WindowStoreSpec<TKey, TStored> spec,
    CowSorted<WindowTable<TKey, TStored>, WindowTable<TKey, TStored>.ByStart> windows,
    long earliestStart,
    bool likePersistent, RecordBuffer scratch) : IReadOnlyWindowStore<TKey, TStored>
{
    public bool TryFetch(TKey key, long windowStart, [MaybeNullWhen(false)] out TStored value)
    {
        value = default;
        return windowStart >= earliestStart
            && windows.TryGet(First(windowStart), out var window)
            && window.Start == windowStart
            && window.Rows!.TryGetValue(key, out value);
    }

    public IEnumerable<KeyValue<long, TStored>> Fetch(TKey key, long from, long to) => WindowsOf(key, from, to);

    public IEnumerable<KeyValue<long, TStored>> BackwardFetch(TKey key, long from, long to)
    {
        var found = WindowsOf(key, from, to);
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

    private List<KeyValue<long, TStored>> WindowsOf(TKey key, long from, long to)
    {
        var found = new List<KeyValue<long, TStored>>();
        Collect(key, from, to, found);
        return found;
    }

    public void Collect(TKey key, long from, long to, List<KeyValue<long, TStored>> found)
    {
        for (var at = First(from); windows.TryGet(at, out var window) && window.Start <= to; at = windows.Next(at))
        {
            if (window.Rows!.TryGetValue(key, out var value))
                found.Add(new(window.Start, value));
        }
    }

    private List<KeyValue<Windowed<TKey>, TStored>> Within(byte[]? first, byte[]? last, long from, long to, bool listsByTime)
    {
        var rows = new WindowedRows<TKey, TStored>(byEnd: false);
        for (var at = First(from); windows.TryGet(at, out var table) && table.Start <= to; at = windows.Next(at))
        {
            var window = TimeWindow.Of(table.Start, spec.WindowSizeMs);
            foreach (var (key, value) in table.Rows!)
            {
                var ordered = OrderedKey<TKey>.Of(key, spec.KeySerde, scratch);
                if (ordered.IsWithin(first, last))
                    rows.Add(ordered, window, value);
            }
        }

        return !likePersistent || listsByTime ? rows.ByTime() : rows.BySegment(spec.SegmentIntervalMs);
    }

    private CowSorted<WindowTable<TKey, TStored>, WindowTable<TKey, TStored>.ByStart>.Place First(long from) =>
        windows.FirstFrom(new(Math.Max(from, earliestStart), null, 0));

    private byte[]? Bytes(TKey? key) => key is null ? null : OrderedKey<TKey>.Of(key, spec.KeySerde, scratch).Bytes;
}
