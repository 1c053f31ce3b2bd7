using System.Diagnostics.CodeAnalysis;
using Streams.Runtime;

namespace Streams.State;

/// <summary>A global session store as tasks see it.</summary>
internal sealed class ReadOnlySessionStore<TKey, TAggregate>(ISessionStore<TKey, TAggregate> store, StateGate gate)
    : ReadOnlyStore(store, gate), ISessionStore<TKey, TAggregate>
{
    public IEnumerable<KeyValue<Windowed<TKey>, TAggregate>> Fetch(TKey key) => Copy(() => store.Fetch(key));

    public IEnumerable<KeyValue<Windowed<TKey>, TAggregate>> BackwardFetch(TKey key) => Copy(() => store.BackwardFetch(key));

    public IEnumerable<KeyValue<Windowed<TKey>, TAggregate>> Fetch(TKey? keyFrom, TKey? keyTo) => Copy(() => store.Fetch(keyFrom, keyTo));

    public IEnumerable<KeyValue<Windowed<TKey>, TAggregate>> BackwardFetch(TKey? keyFrom, TKey? keyTo) => Copy(() => store.BackwardFetch(keyFrom, keyTo));

    public IEnumerable<KeyValue<Windowed<TKey>, TAggregate>> FindSessions(TKey key, long earliestEnd, long latestStart) =>
        Copy(() => store.FindSessions(key, earliestEnd, latestStart));

    public IEnumerable<KeyValue<Windowed<TKey>, TAggregate>> BackwardFindSessions(TKey key, long earliestEnd, long latestStart) =>
        Copy(() => store.BackwardFindSessions(key, earliestEnd, latestStart));

    public IEnumerable<KeyValue<Windowed<TKey>, TAggregate>> FindSessions(TKey? keyFrom, TKey? keyTo, long earliestEnd, long latestStart) =>
        Copy(() => store.FindSessions(keyFrom, keyTo, earliestEnd, latestStart));

    public IEnumerable<KeyValue<Windowed<TKey>, TAggregate>> BackwardFindSessions(TKey? keyFrom, TKey? keyTo, long earliestEnd, long latestStart) =>
        Copy(() => store.BackwardFindSessions(keyFrom, keyTo, earliestEnd, latestStart));

    public IEnumerable<KeyValue<Windowed<TKey>, TAggregate>> FindSessions(long earliestEnd, long latestEnd) =>
        Copy(() => store.FindSessions(earliestEnd, latestEnd));

    public bool TryFetchSession(TKey key, long start, long end, [MaybeNullWhen(false)] out TAggregate aggregate)
    {
        using var _ = Gate.EnterToRead();
        return store.TryFetchSession(key, start, end, out aggregate);
    }

    public void Put(Windowed<TKey> session, TAggregate aggregate) => throw Refused();

    public void Remove(Windowed<TKey> session) => throw Refused();
}
