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
    bool likePersistent,
    RecordBuffer scratch) : ListedWindows<TKey, TStored>(spec, likePersistent, scratch)
{
    /// <summary>Adds a key's rows that start within bounds, by start.</summary>
    public static void Collect(
        CowSorted<WindowTable<TKey, TStored>, WindowTable<TKey, TStored>.ByStart> windows, TKey key, long from, long to, List<KeyValue<long, TStored>> found)
    {
        for (var at = First(windows, from); windows.TryGet(at, out var window) && window.Start <= to; at = windows.Next(at))
        {
            if (window.Rows!.TryGetValue(key, out var value))
                found.Add(new(window.Start, value));
        }
    }

    public override bool TryFetch(TKey key, long windowStart, [MaybeNullWhen(false)] out TStored value)
    {
        value = default;
        return windowStart >= earliestStart
            && windows.TryGet(First(windows, windowStart), out var window)
            && window.Start == windowStart
            && window.Rows!.TryGetValue(key, out value);
    }

    protected override void Collect(TKey key, long from, long to, List<KeyValue<long, TStored>> found) =>
        Collect(windows, key, Math.Max(from, earliestStart), to, found);

    protected override void Collect(byte[]? first, byte[]? last, long from, long to, WindowedRows<TKey, TStored> found)
    {
        for (var at = First(windows, Math.Max(from, earliestStart)); windows.TryGet(at, out var table) && table.Start <= to; at = windows.Next(at))
        {
            var window = Window(table.Start);
            foreach (var (key, value) in table.Rows!)
            {
                var ordered = Ordered(key);
                if (ordered.IsWithin(first, last))
                    found.Add(ordered, window, value);
            }
        }
    }

    private static CowSorted<WindowTable<TKey, TStored>, WindowTable<TKey, TStored>.ByStart>.Place First(
        CowSorted<WindowTable<TKey, TStored>, WindowTable<TKey, TStored>.ByStart> windows, long from) => windows.FirstFrom(new(from, null, 0));
}
