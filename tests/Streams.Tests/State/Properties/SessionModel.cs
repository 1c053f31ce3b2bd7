using System.Diagnostics.CodeAnalysis;

namespace Streams.Tests.State;

/// <summary>Aggregates by key and session: a list, of which those are found whose end is not too far behind the latest.</summary>
internal sealed class SessionModel(TimedStore kind, bool behindCache) : StoreModel, ISessionStore<string, string>
{
    private readonly StoreTime _time = new(kind);
    private readonly List<Row> _stored = [];
    private readonly List<Row> _cache = [];

    private IEnumerable<Row> Visible => _stored
        .Where(row => _time.Shows(row.Session.Window.EndMs) && !_cache.Exists(c => c.Session == row.Session))
        .Concat(_cache.Where(row => row.Aggregate is not null));

    public void Put(Windowed<string> session, string aggregate) => Change(new(session, aggregate, IsRemoval: false, IsWritten: false));

    public void Remove(Windowed<string> session) => Change(new(session, null, IsRemoval: true, IsWritten: false));

    public bool TryFetchSession(string key, long start, long end, [MaybeNullWhen(false)] out string aggregate)
    {
        aggregate = Visible.FirstOrDefault(row => row.Session == new Windowed<string>(key, new(start, end)))?.Aggregate;
        return aggregate is not null;
    }

    public IEnumerable<KeyValue<Windowed<string>, string>> FindSessions(string key, long earliestEnd, long latestStart) => List(Visible
        .Where(row => row.Session.Key == key && row.Session.Window.EndMs >= earliestEnd && row.Session.Window.StartMs <= latestStart));

    public IEnumerable<KeyValue<Windowed<string>, string>> BackwardFindSessions(string key, long earliestEnd, long latestStart) =>
        FindSessions(key, earliestEnd, latestStart).Reverse();

    public IEnumerable<KeyValue<Windowed<string>, string>> FindSessions(string? keyFrom, string? keyTo, long earliestEnd, long latestStart) => List(Visible
        .Where(row => row.Session.Window.EndMs >= earliestEnd && row.Session.Window.StartMs <= latestStart
            && (keyFrom is null || string.CompareOrdinal(row.Session.Key, keyFrom) >= 0) && (keyTo is null || string.CompareOrdinal(row.Session.Key, keyTo) <= 0)));

    public IEnumerable<KeyValue<Windowed<string>, string>> BackwardFindSessions(string? keyFrom, string? keyTo, long earliestEnd, long latestStart) =>
        FindSessions(keyFrom, keyTo, earliestEnd, latestStart).Reverse();

    public IEnumerable<KeyValue<Windowed<string>, string>> Fetch(string key) => FindSessions(key, 0, long.MaxValue);

    public IEnumerable<KeyValue<Windowed<string>, string>> BackwardFetch(string key) => Fetch(key).Reverse();

    public IEnumerable<KeyValue<Windowed<string>, string>> Fetch(string? keyFrom, string? keyTo) => FindSessions(keyFrom, keyTo, 0, long.MaxValue);

    public IEnumerable<KeyValue<Windowed<string>, string>> BackwardFetch(string? keyFrom, string? keyTo) => Fetch(keyFrom, keyTo).Reverse();

    /// <remarks>Asked by what emits on close, which has to see what other reads do not find any more, as long as it is there.</remarks>
    public IEnumerable<KeyValue<Windowed<string>, string>> FindSessions(long earliestEnd, long latestEnd)
    {
        var found = _stored.Where(row => row.Session.Window.EndMs is var end && end >= earliestEnd && end <= latestEnd && end >= _time.EarliestKept);
        return kind.SegmentMs is null
            ? List(found)
            : found.OrderBy(row => row.Session.Window.EndMs).ThenBy(row => row.Session.Window.StartMs).ThenBy(row => row.Session.Key, StringComparer.Ordinal).Select(Pair);
    }

    public override void Committed()
    {
        foreach (var row in _cache.Where(row => !row.IsWritten).ToList())
            Write(row);
        _cache.RemoveAll(row => row.Aggregate is null);
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

    private void Change(Row row)
    {
        // A cache removes what is put without a value.
        if (behindCache && row.Aggregate is null)
            row = row with { IsRemoval = true };
        if (!kind.Cached)
        {
            Write(row);
            return;
        }

        _cache.RemoveAll(c => c.Session == row.Session);
        _cache.Add(row);
    }

    private void Write(Row row)
    {
        var end = row.Session.Window.EndMs;
        _time.Logged(end);
        if (!row.IsRemoval || kind.SegmentMs is not null)
            _time.Observed(end);
        _stored.RemoveAll(stored => stored.Session == row.Session);

        // What comes too late is not there, not even for who looks for what has closed.
        if (row.Aggregate is not null && end >= _time.EarliestKept)
            _stored.Add(row);
    }

    private IEnumerable<KeyValue<Windowed<string>, string>> List(IEnumerable<Row> rows) => rows
        .OrderBy(row => row.Session.Window.EndMs / (kind.SegmentMs ?? 1))
        .ThenBy(row => row.Session.Key, StringComparer.Ordinal)
        .ThenBy(row => row.Session.Window.EndMs)
        .ThenBy(row => kind.SegmentMs is null ? -row.Session.Window.StartMs : row.Session.Window.StartMs)
        .Select(Pair);

    private static KeyValue<Windowed<string>, string> Pair(Row row) => new(row.Session, row.Aggregate!);

    private sealed record Row(Windowed<string> Session, string? Aggregate, bool IsRemoval, bool IsWritten);
}
