using System.Diagnostics.CodeAnalysis;

namespace Streams.Tests.State;

/// <summary>What the kinds of window and session stores differ in, for their models.</summary>
/// <param name="RetentionMs">How long rows are found.</param>
/// <param name="SegmentMs">The length of the segments by which rows are listed; null where they are listed by time.</param>
/// <param name="TimeOrdered">Whether the store is made for what emits on close.</param>
/// <param name="Duplicates">Whether puts of one key and time are kept beside each other.</param>
/// <param name="Cached">Whether a cache with room for everything stands in front.</param>
/// <param name="OnDisk">Whether a restart finds what was committed.</param>
internal sealed record TimedStore(long RetentionMs, long? SegmentMs = null, bool TimeOrdered = false, bool Duplicates = false, bool Cached = false, bool OnDisk = false);

/// <summary>Values by key and window start: a list of all that was ever put, of which those are found that are not too far behind the latest start.</summary>
internal sealed class WindowModel<TStored>(TimedStore kind, long sizeMs, Func<TStored, bool> isAbsent) : StoreModel, IWindowStore<string, TStored>
{
    private readonly StoreTime _time = new(kind);

    // Both by put. What waits in the cache stays there when it is written, and is found however old it is.
    private readonly List<Row> _stored = [];
    private readonly List<Row> _cache = [];

    private IEnumerable<Row> Visible => _stored
        .Where(row => _time.Shows(row.Start) && !_cache.Exists(c => c.Key == row.Key && c.Start == row.Start))
        .Concat(_cache.Where(row => row.HasValue));

    public void Put(string key, TStored value, long windowStart)
    {
        var row = new Row(key, windowStart, value, !isAbsent(value), IsWritten: false);
        if (!kind.Cached)
        {
            Write(row);
            return;
        }

        _cache.RemoveAll(c => c.Key == key && c.Start == windowStart);
        _cache.Add(row);
    }

    public bool TryFetch(string key, long windowStart, [MaybeNullWhen(false)] out TStored value)
    {
        var found = Visible.Where(row => row.Key == key && row.Start == windowStart).ToList();
        value = found.Count > 0 ? found[0].Value : default;
        return found.Count > 0;
    }

    public IEnumerable<KeyValue<long, TStored>> Fetch(string key, long from, long to) => Visible
        .Where(row => row.Key == key && row.Start >= from && row.Start <= to)
        .OrderBy(row => row.Start)
        .Select(row => KeyValue.Pair(row.Start, row.Value));

    public IEnumerable<KeyValue<long, TStored>> BackwardFetch(string key, long from, long to) => Fetch(key, from, to).Reverse();

    public IEnumerable<KeyValue<Windowed<string>, TStored>> FetchRange(string? keyFrom, string? keyTo, long from, long to) => List(
        Visible.Where(row => row.Start >= from && row.Start <= to
            && (keyFrom is null || string.CompareOrdinal(row.Key, keyFrom) >= 0) && (keyTo is null || string.CompareOrdinal(row.Key, keyTo) <= 0)));

    public IEnumerable<KeyValue<Windowed<string>, TStored>> BackwardFetchRange(string? keyFrom, string? keyTo, long from, long to) =>
        FetchRange(keyFrom, keyTo, from, to).Reverse();

    public IEnumerable<KeyValue<Windowed<string>, TStored>> FetchAll(long from, long to) => FetchRange(null, null, from, to);

    public IEnumerable<KeyValue<Windowed<string>, TStored>> BackwardFetchAll(long from, long to) => FetchAll(from, to).Reverse();

    public IEnumerable<KeyValue<Windowed<string>, TStored>> All() => FetchAll(long.MinValue, long.MaxValue);

    public IEnumerable<KeyValue<Windowed<string>, TStored>> BackwardAll() => All().Reverse();

    public override void Committed()
    {
        foreach (var row in _cache.Where(row => !row.IsWritten).ToList())
            Write(row);
        _cache.RemoveAll(row => !row.HasValue);
        for (var i = 0; i < _cache.Count; i++)
            _cache[i] = _cache[i] with { IsWritten = true };
        _time.Committed();
    }

    public override void Reopened()
    {
        _cache.Clear();
        _time.Reopened();
    }

    public override void Restored()
    {
        _cache.Clear();
        _time.Restored();
    }

    private void Write(Row row)
    {
        // A persistent store of duplicates does not look at puts without a value, which its changelog holds all the same.
        _time.Logged(row.Start);
        if (row.HasValue || !kind.Duplicates || kind.SegmentMs is null)
            _time.Observed(row.Start);
        if (!kind.Duplicates)
            _stored.RemoveAll(stored => stored.Key == row.Key && stored.Start == row.Start);
        if (row.HasValue)
            _stored.Add(row);
    }

    // Sorting is stable: duplicates stay in the order in which they were put.
    private IEnumerable<KeyValue<Windowed<string>, TStored>> List(IEnumerable<Row> rows) => rows
        .OrderBy(row => kind is { SegmentMs: { } segment, TimeOrdered: false } ? row.Start / segment : row.Start)
        .ThenBy(row => row.Key, StringComparer.Ordinal)
        .ThenBy(row => row.Start)
        .Select(row => KeyValue.Pair(new Windowed<string>(row.Key, new(row.Start, row.Start + sizeMs)), row.Value));

    private sealed record Row(string Key, long Start, TStored Value, bool HasValue, bool IsWritten);
}

/// <summary>A store's own time: the greatest of its rows', which reads are bounded by; and that of the changelog, which a restored store has.</summary>
internal sealed class StoreTime(TimedStore kind)
{
    private long _observed = -1;
    private long _logged = -1;
    private long _loggedSinceCommit = -1;

    /// <summary>The earliest time of a row that is still kept, found or not: of segments the whole segment is.</summary>
    public long EarliestKept => kind.SegmentMs is { } segment ? Math.Max(0, _observed - kind.RetentionMs) / segment * segment : _observed - kind.RetentionMs + 1;

    public bool Shows(long time) => time > _observed - kind.RetentionMs || (kind is { TimeOrdered: true, SegmentMs: not null } && time == _observed - kind.RetentionMs);

    public void Observed(long time) => _observed = Math.Max(_observed, time);

    public void Logged(long time) => (_logged, _loggedSinceCommit) = (Math.Max(_logged, time), Math.Max(_loggedSinceCommit, time));

    public void Committed() => _loggedSinceCommit = -1;

    public void Reopened()
    {
        if (kind.OnDisk)
            Observed(_loggedSinceCommit);
        else
            Restored();
        _loggedSinceCommit = -1;
    }

    public void Restored() => (_observed, _loggedSinceCommit) = (_logged, -1);
}
