namespace Streams.Processing;

/// <summary>Reads a windowed aggregation's results.</summary>
internal sealed class WindowTableGetter<TKey, TAggregate>(string storeName) : TableGetter<Windowed<TKey>, TAggregate>
{
    private ITimestampedWindowStore<TKey, TAggregate> _store = null!;

    public override void Init(TaskContext context) => _store = (ITimestampedWindowStore<TKey, TAggregate>)context.Stores[storeName];

    public override bool TryGet(Windowed<TKey> key, out ValueAndTimestamp<TAggregate> value) => _store.TryFetch(key.Key, key.Window.StartMs, out value);
}

/// <summary>Reads a session aggregation's results, whose time is their session's end.</summary>
internal sealed class SessionTableGetter<TKey, TAggregate>(string storeName) : TableGetter<Windowed<TKey>, TAggregate>
{
    private ISessionStore<TKey, TAggregate> _store = null!;

    public override void Init(TaskContext context) => _store = (ISessionStore<TKey, TAggregate>)context.Stores[storeName];

    public override bool TryGet(Windowed<TKey> key, out ValueAndTimestamp<TAggregate> value)
    {
        var found = _store.TryFetchSession(key.Key, key.Window.StartMs, key.Window.EndMs, out var aggregate);
        value = found ? new(aggregate!, key.Window.EndMs) : default;
        return found;
    }
}
