using System.Diagnostics.CodeAnalysis;
using Streams.Runtime;

namespace Streams.State;

/// <summary>A global session store as tasks see it.</summary>
internal sealed class ReadOnlySessionStore<TKey, TAggregate>(ISessionStore<TKey, TAggregate> store, StateGate gate)
    : ReadOnlyStore(store, gate), ISessionStore<TKey, TAggregate>
{
    public IEnumerable<KeyValue<Windowed<TKey>, TAggregate>> FindSessions(TKey key, long earliestEnd, long latestStart) =>
        Rows(s => s.FindSessions(key, earliestEnd, latestStart));

    public IEnumerable<KeyValue<Windowed<TKey>, TAggregate>> BackwardFindSessions(TKey key, long earliestEnd, long latestStart) =>
        Rows(s => s.BackwardFindSessions(key, earliestEnd, latestStart));

    public IEnumerable<KeyValue<Windowed<TKey>, TAggregate>> FindSessions(TKey? keyFrom, TKey? keyTo, long earliestEnd, long latestStart) =>
        Rows(s => s.FindSessions(keyFrom, keyTo, earliestEnd, latestStart));

    public IEnumerable<KeyValue<Windowed<TKey>, TAggregate>> BackwardFindSessions(TKey? keyFrom, TKey? keyTo, long earliestEnd, long latestStart) =>
        Rows(s => s.BackwardFindSessions(keyFrom, keyTo, earliestEnd, latestStart));

    public IEnumerable<KeyValue<Windowed<TKey>, TAggregate>> FindSessions(long earliestEnd, long latestEnd) =>
        List<IEndedSessions<TKey, TAggregate>, KeyValue<Windowed<TKey>, TAggregate>>(s => s.FindSessions(earliestEnd, latestEnd));

    public bool TryFetchSession(TKey key, long start, long end, [MaybeNullWhen(false)] out TAggregate aggregate)
    {
        using var _ = Gate.EnterToRead();
        return store.TryFetchSession(key, start, end, out aggregate);
    }

    public void Put(Windowed<TKey> session, TAggregate aggregate) => throw Refused();

    public void Remove(Windowed<TKey> session) => throw Refused();

    private IEnumerable<KeyValue<Windowed<TKey>, TAggregate>> Rows(
        Func<IReadOnlySessionStore<TKey, TAggregate>, IEnumerable<KeyValue<Windowed<TKey>, TAggregate>>> look) => List(look);
}
