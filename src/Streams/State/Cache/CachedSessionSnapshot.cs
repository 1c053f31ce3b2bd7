using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;

namespace Streams.State;

/// <summary>A session store with its record cache laid over it.</summary>
/// <param name="store">The store behind the cache, in the same state.</param>
/// <param name="cache">What the cache holds.</param>
/// <param name="spec">The store's.</param>
/// <param name="segmentMs">The length of the segments by which rows are listed; 1 where they are listed by time.</param>
/// <param name="scratch">Where keys are written: the reader's own.</param>
internal sealed class CachedSessionSnapshot<TKey, TAggregate>(
    IReadOnlySessionStore<TKey, TAggregate> store,
    CowMap<Windowed<TKey>, CacheEntry<Windowed<TKey>, TAggregate>> cache,
    SessionStoreSpec<TKey, TAggregate> spec,
    long segmentMs,
    RecordBuffer scratch) : IReadOnlySessionStore<TKey, TAggregate>, IEndedSessions<TKey, TAggregate>, IDisposable
{
    /// <summary>Lays the cached sessions of a key over those of the store, which <paramref name="found"/> holds from <paramref name="first"/> on.</summary>
    public static void Lay(
        List<CacheEntry<Windowed<TKey>, TAggregate>> cached,
        long earliestEnd,
        long latestStart,
        List<KeyValue<Windowed<TKey>, TAggregate>> found,
        int first)
    {
        foreach (var entry in cached)
        {
            var window = entry.Key.Window;
            if (window.EndMs < earliestEnd || window.StartMs > latestStart)
                continue;

            var same = found.FindIndex(first, row => row.Key.Window == window);
            if (same >= 0)
                found.RemoveAt(same);
            if (!entry.Change.HasValue)
                continue;

            var at = found.Count;
            while (at > first && IsAfter(found[at - 1].Key.Window, window))
                at--;
            found.Insert(at, new(entry.Key, entry.Change.Value));
        }
    }

    public bool TryFetchSession(TKey key, long start, long end, [MaybeNullWhen(false)] out TAggregate aggregate)
    {
        if (!cache.TryGetValue(new(key, new(start, end)), out var entry))
            return store.TryFetchSession(key, start, end, out aggregate);

        aggregate = entry.Change.Value;
        return entry.Change.HasValue;
    }

    public IEnumerable<KeyValue<Windowed<TKey>, TAggregate>> FindSessions(TKey key, long earliestEnd, long latestStart)
    {
        var found = new List<KeyValue<Windowed<TKey>, TAggregate>>();
        found.AddRange(store.FindSessions(key, earliestEnd, latestStart));
        Lay(KeyIndex<TKey, TAggregate>.Of(key, cache, KeyEquality.For(spec.KeySerde)), earliestEnd, latestStart, found, 0);
        return found;
    }

    public IEnumerable<KeyValue<Windowed<TKey>, TAggregate>> BackwardFindSessions(TKey key, long earliestEnd, long latestStart) =>
        FindSessions(key, earliestEnd, latestStart).Reverse();

    public IEnumerable<KeyValue<Windowed<TKey>, TAggregate>> FindSessions(TKey? keyFrom, TKey? keyTo, long earliestEnd, long latestStart) => Merged(
        store.FindSessions(keyFrom, keyTo, earliestEnd, latestStart),
        Between(keyFrom, keyTo), w => w.EndMs >= earliestEnd && w.StartMs <= latestStart, reverse: false);

    public IEnumerable<KeyValue<Windowed<TKey>, TAggregate>> BackwardFindSessions(TKey? keyFrom, TKey? keyTo, long earliestEnd, long latestStart) => Merged(
        store.BackwardFindSessions(keyFrom, keyTo, earliestEnd, latestStart),
        Between(keyFrom, keyTo), w => w.EndMs >= earliestEnd && w.StartMs <= latestStart, reverse: true);

    public IEnumerable<KeyValue<Windowed<TKey>, TAggregate>> FindSessions(long earliestEnd, long latestEnd)
    {
        var stored = store is IEndedSessions<TKey, TAggregate> ended
            ? ended.FindSessions(earliestEnd, latestEnd)
            : ((ISessionStore<TKey, TAggregate>)store).FindSessions(earliestEnd, latestEnd);
        return Merged(stored, _ => true, w => w.EndMs >= earliestEnd && w.EndMs <= latestEnd, reverse: false);
    }

    public void Dispose() => (store as IDisposable)?.Dispose();

    private static bool IsAfter(TimeWindow x, TimeWindow y) => x.EndMs > y.EndMs || (x.EndMs == y.EndMs && x.StartMs > y.StartMs);

    private Func<OrderedKey<TKey>, bool> Between(TKey? from, TKey? to)
    {
        var first = from is null ? null : OrderedKey<TKey>.Of(from, spec.KeySerde, scratch).Bytes;
        var last = to is null ? null : OrderedKey<TKey>.Of(to, spec.KeySerde, scratch).Bytes;
        return key => key.IsWithin(first, last);
    }

    private IEnumerable<KeyValue<Windowed<TKey>, TAggregate>> Merged(
        IEnumerable<KeyValue<Windowed<TKey>, TAggregate>> stored, Func<OrderedKey<TKey>, bool> takesKey, Func<TimeWindow, bool> takes, bool reverse) => MergedRows.Of(
        stored,
        cache,
        (key, window) => takes(window) && takesKey(key),
        Row,
        spec.KeySerde,
        scratch,
        reverse);

    private MergeRow<TKey, TAggregate> Row(byte[] key, Windowed<TKey> session, TAggregate value, bool hasValue)
    {
        var bytes = new byte[key.Length + SessionKey.SuffixBytes];
        key.CopyTo(bytes, 0);
        BinaryPrimitives.WriteInt64BigEndian(bytes.AsSpan(key.Length), session.Window.EndMs);
        BinaryPrimitives.WriteInt64BigEndian(bytes.AsSpan(key.Length + sizeof(long)), session.Window.StartMs);
        return new(session.Window.EndMs / segmentMs, bytes, session, value, hasValue);
    }
}
