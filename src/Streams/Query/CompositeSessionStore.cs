using System.Diagnostics.CodeAnalysis;

namespace Streams.Query;

/// <summary>This instance's partitions of a session store as one. In order within a partition; the partitions follow each other.</summary>
internal sealed class CompositeSessionStore<TKey, TAggregate>(LocalStores stores) : IReadOnlySessionStore<TKey, TAggregate>
{
    public IEnumerable<KeyValue<Windowed<TKey>, TAggregate>> FindSessions(TKey key, long earliestEnd, long latestStart) =>
        List(s => s.FindSessions(key, earliestEnd, latestStart));

    public IEnumerable<KeyValue<Windowed<TKey>, TAggregate>> BackwardFindSessions(TKey key, long earliestEnd, long latestStart) =>
        List(s => s.BackwardFindSessions(key, earliestEnd, latestStart));

    public IEnumerable<KeyValue<Windowed<TKey>, TAggregate>> FindSessions(TKey? keyFrom, TKey? keyTo, long earliestEnd, long latestStart) =>
        List(s => s.FindSessions(keyFrom, keyTo, earliestEnd, latestStart));

    public IEnumerable<KeyValue<Windowed<TKey>, TAggregate>> BackwardFindSessions(TKey? keyFrom, TKey? keyTo, long earliestEnd, long latestStart) =>
        List(s => s.BackwardFindSessions(keyFrom, keyTo, earliestEnd, latestStart));

    public bool TryFetchSession(TKey key, long start, long end, [MaybeNullWhen(false)] out TAggregate aggregate)
    {
        var answer = stores.Ask<IReadOnlySessionStore<TKey, TAggregate>, (bool Found, TAggregate? Value)>(
            s => s.TryFetchSession(key, start, end, out var found) ? (true, found) : default).FirstOrDefault(a => a.Found);
        aggregate = answer.Value;
        return answer.Found;
    }

    private IEnumerable<KeyValue<Windowed<TKey>, TAggregate>> List(
        Func<IReadOnlySessionStore<TKey, TAggregate>, IEnumerable<KeyValue<Windowed<TKey>, TAggregate>>> look) =>
        stores.List(look);
}
