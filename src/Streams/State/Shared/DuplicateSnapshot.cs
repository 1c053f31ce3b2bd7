using System.Diagnostics.CodeAnalysis;

namespace Streams.State;

/// <summary>The rows of a store of duplicates in memory as they were.</summary>
/// <param name="spec">The store's.</param>
/// <param name="keys">Each key's rows.</param>
/// <param name="earliestVisible">The earliest start of a row that reads find.</param>
/// <param name="likePersistent">Whether rows are listed as persistent stores list them.</param>
/// <param name="scratch">Where keys are written: the reader's own.</param>
internal sealed class DuplicateSnapshot<TKey, TStored>(
    WindowStoreSpec<TKey, TStored> spec, CowMap<TKey, DuplicateRows<TStored>> keys, long earliestVisible, bool likePersistent, RecordBuffer scratch)
    : ListedWindows<TKey, TStored>(spec, likePersistent, scratch)
{
    /// <summary>Finds the first of the values put at that time.</summary>
    public override bool TryFetch(TKey key, long windowStart, [MaybeNullWhen(false)] out TStored value)
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

    protected override void Collect(TKey key, long from, long to, List<KeyValue<long, TStored>> found)
    {
        if (keys.TryGetValue(key, out var rows))
            rows.Collect(Math.Max(from, earliestVisible), to, found);
    }

    protected override void Collect(byte[]? first, byte[]? last, long from, long to, WindowedRows<TKey, TStored> found)
    {
        from = Math.Max(from, earliestVisible);
        foreach (var (key, rows) in keys)
        {
            var ordered = Ordered(key);
            if (!ordered.IsWithin(first, last))
                continue;

            for (var i = rows.FirstFrom(from); i < rows.Count && rows[i].Start <= to; i++)
                found.Add(ordered, Window(rows[i].Start), rows[i].Value);
        }
    }
}
