using System.Diagnostics.CodeAnalysis;

namespace Streams.State;

/// <summary>The sessions of a store in memory as they were.</summary>
/// <param name="spec">The store's.</param>
/// <param name="keys">Each key's sessions.</param>
/// <param name="earliestVisible">The earliest end of a session that reads find.</param>
/// <param name="earliestKept">The earliest end of a session that is still there.</param>
/// <param name="likePersistent">Whether sessions are listed as persistent stores list them.</param>
/// <param name="scratch">Where keys are written: the reader's own.</param>
internal sealed class SessionSnapshot<TKey, TAggregate>(
    SessionStoreSpec<TKey, TAggregate> spec, CowMap<TKey, SessionList<TAggregate>> keys, long earliestVisible, long earliestKept, bool likePersistent, RecordBuffer scratch)
    : IReadOnlySessionStore<TKey, TAggregate>, IEndedSessions<TKey, TAggregate>
{
    /// <summary>Adds a key's sessions that end at a time or later and start at another or earlier.</summary>
    public static void Collect(
        TKey key, SessionList<TAggregate> sessions, long earliestEnd, long latestStart, List<KeyValue<Windowed<TKey>, TAggregate>> found)
    {
        for (var i = sessions.FirstEndingAt(earliestEnd); i < sessions.Count; i++)
        {
            if (sessions.Window(i).StartMs <= latestStart)
                found.Add(new(new(key, sessions.Window(i)), sessions.Aggregate(i)));
        }
    }

    public bool TryFetchSession(TKey key, long start, long end, [MaybeNullWhen(false)] out TAggregate aggregate)
    {
        aggregate = default;
        return end >= earliestVisible && keys.TryGetValue(key, out var sessions) && sessions.TryGet(new(start, end), out aggregate);
    }

    public IEnumerable<KeyValue<Windowed<TKey>, TAggregate>> FindSessions(TKey key, long earliestEnd, long latestStart) =>
        Of(key, earliestEnd, latestStart);

    public IEnumerable<KeyValue<Windowed<TKey>, TAggregate>> BackwardFindSessions(TKey key, long earliestEnd, long latestStart)
    {
        var found = Of(key, earliestEnd, latestStart);
        found.Reverse();
        return found;
    }

    public IEnumerable<KeyValue<Windowed<TKey>, TAggregate>> FindSessions(TKey? keyFrom, TKey? keyTo, long earliestEnd, long latestStart) =>
        Within(keyFrom, keyTo, earliestEnd, latestStart);

    public IEnumerable<KeyValue<Windowed<TKey>, TAggregate>> BackwardFindSessions(TKey? keyFrom, TKey? keyTo, long earliestEnd, long latestStart)
    {
        var found = Within(keyFrom, keyTo, earliestEnd, latestStart);
        found.Reverse();
        return found;
    }

    /// <summary>All keys' sessions that end from a time to another, both included, by end.</summary>
    public IEnumerable<KeyValue<Windowed<TKey>, TAggregate>> FindSessions(long earliestEnd, long latestEnd)
    {
        var rows = Rows(null, null, Math.Max(earliestEnd, earliestKept), long.MaxValue, latestEnd);
        return likePersistent ? rows.ByEndAndStart() : rows.ByTime();
    }

    private List<KeyValue<Windowed<TKey>, TAggregate>> Of(TKey key, long earliestEnd, long latestStart)
    {
        var found = new List<KeyValue<Windowed<TKey>, TAggregate>>();
        if (keys.TryGetValue(key, out var sessions))
            Collect(key, sessions, Math.Max(earliestEnd, earliestVisible), latestStart, found);
        return found;
    }

    private List<KeyValue<Windowed<TKey>, TAggregate>> Within(TKey? keyFrom, TKey? keyTo, long earliestEnd, long latestStart)
    {
        var first = keyFrom is null ? null : OrderedKey<TKey>.Of(keyFrom, spec.KeySerde, scratch).Bytes;
        var last = keyTo is null ? null : OrderedKey<TKey>.Of(keyTo, spec.KeySerde, scratch).Bytes;
        var rows = Rows(first, last, Math.Max(earliestEnd, earliestVisible), latestStart, long.MaxValue);
        return likePersistent ? rows.BySegment(spec.SegmentIntervalMs) : rows.ByTime();
    }

    private WindowedRows<TKey, TAggregate> Rows(byte[]? first, byte[]? last, long earliestEnd, long latestStart, long latestEnd)
    {
        var rows = new WindowedRows<TKey, TAggregate>(byEnd: true);
        foreach (var (key, sessions) in keys)
        {
            byte[]? bytes = null;
            for (var i = sessions.FirstEndingAt(earliestEnd); i < sessions.Count; i++)
            {
                var window = sessions.Window(i);
                if (window.StartMs > latestStart || window.EndMs > latestEnd)
                    continue;

                var ordered = bytes is null ? OrderedKey<TKey>.Of(key, spec.KeySerde, scratch) : new(bytes, key);
                bytes = ordered.Bytes;
                if (!ordered.IsWithin(first, last))
                    break;
                rows.Add(ordered, window, sessions.Aggregate(i));
            }
        }

        return rows;
    }
}
