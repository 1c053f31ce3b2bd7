using System.Diagnostics.CodeAnalysis;

namespace Streams;

/// <summary>
/// A session store as queries see it: aggregates by key and session. A session's window holds the times of its first and its last record, both
/// included, in milliseconds since 1970-01-01 UTC.
/// </summary>
public interface IReadOnlySessionStore<TKey, TAggregate>
{
    /// <summary>A key's sessions, by end. A snapshot.</summary>
    IEnumerable<KeyValue<Windowed<TKey>, TAggregate>> Fetch(TKey key) => FindSessions(key, 0, long.MaxValue);

    /// <summary>As <see cref="Fetch(TKey)"/>, latest first.</summary>
    IEnumerable<KeyValue<Windowed<TKey>, TAggregate>> BackwardFetch(TKey key) => BackwardFindSessions(key, 0, long.MaxValue);

    /// <summary>The sessions of keys from <paramref name="keyFrom"/> to <paramref name="keyTo"/>, both included; null is open. A snapshot.</summary>
    IEnumerable<KeyValue<Windowed<TKey>, TAggregate>> Fetch(TKey? keyFrom, TKey? keyTo) => FindSessions(keyFrom, keyTo, 0, long.MaxValue);

    /// <summary>As <see cref="Fetch(TKey, TKey)"/>, last first.</summary>
    IEnumerable<KeyValue<Windowed<TKey>, TAggregate>> BackwardFetch(TKey? keyFrom, TKey? keyTo) =>
        BackwardFindSessions(keyFrom, keyTo, 0, long.MaxValue);

    /// <summary>
    /// A key's sessions that end at <paramref name="earliestEnd"/> or later and start at <paramref name="latestStart"/> or earlier, by end. A
    /// snapshot.
    /// </summary>
    IEnumerable<KeyValue<Windowed<TKey>, TAggregate>> FindSessions(TKey key, long earliestEnd, long latestStart);

    /// <summary>As <see cref="FindSessions(TKey, long, long)"/>, latest first.</summary>
    IEnumerable<KeyValue<Windowed<TKey>, TAggregate>> BackwardFindSessions(TKey key, long earliestEnd, long latestStart);

    /// <summary>As <see cref="FindSessions(TKey, long, long)"/> for all keys of a range; null is open.</summary>
    IEnumerable<KeyValue<Windowed<TKey>, TAggregate>> FindSessions(TKey? keyFrom, TKey? keyTo, long earliestEnd, long latestStart);

    /// <summary>As <see cref="FindSessions(TKey, TKey, long, long)"/>, last first.</summary>
    IEnumerable<KeyValue<Windowed<TKey>, TAggregate>> BackwardFindSessions(TKey? keyFrom, TKey? keyTo, long earliestEnd, long latestStart);

    /// <summary>As <see cref="FindSessions(TKey, long, long)"/>, into a list that is used again: what processing a record calls.</summary>
    internal void CollectSessions(TKey key, long earliestEnd, long latestStart, List<KeyValue<Windowed<TKey>, TAggregate>> found) =>
        found.AddRange(FindSessions(key, earliestEnd, latestStart));

    /// <summary>Finds the aggregate of one session.</summary>
    bool TryFetchSession(TKey key, long start, long end, [MaybeNullWhen(false)] out TAggregate aggregate);
}

/// <summary>
/// Aggregates by key and session. A session whose end is a retention or more behind the latest end put is gone: reads do not find it and puts
/// are dropped.
/// </summary>
public interface ISessionStore<TKey, TAggregate> : IReadOnlySessionStore<TKey, TAggregate>, IStateStore
{
    /// <summary>All keys' sessions that end from <paramref name="earliestEnd"/> to <paramref name="latestEnd"/>, both included, by end. A snapshot.</summary>
    IEnumerable<KeyValue<Windowed<TKey>, TAggregate>> FindSessions(long earliestEnd, long latestEnd);

    /// <summary>
    /// The length of the segments with which sessions go from <see cref="FindSessions(long, long)"/>; null where each goes when its own retention has passed.
    /// </summary>
    internal long? SegmentMs => null;

    /// <summary>Sets a session's aggregate; null removes the session.</summary>
    void Put(Windowed<TKey> session, TAggregate aggregate);

    /// <summary>Removes a session.</summary>
    void Remove(Windowed<TKey> session);
}

/// <summary>Sessions of all keys by end, as whoever emits closed sessions asks for them.</summary>
internal interface IEndedSessions<TKey, TAggregate>
{
    /// <inheritdoc cref="ISessionStore{TKey, TAggregate}.FindSessions(long, long)"/>
    IEnumerable<KeyValue<Windowed<TKey>, TAggregate>> FindSessions(long earliestEnd, long latestEnd);
}
