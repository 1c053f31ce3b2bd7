using System.Diagnostics.CodeAnalysis;
using Streams.Processing;
using Streams.Runtime;

namespace Streams.State;

/// <summary>A session store behind the record cache.</summary>
internal sealed class CachedSessionStore<TKey, TAggregate>
    : ISessionStore<TKey, TAggregate>,
      ICachedStore<Windowed<TKey>, TAggregate>,
      IFlushableCache,
      ICountable,
      IMeasurable,
      ISnapshots,
      ICacheOwner<Windowed<TKey>, TAggregate>
{
    // Beside the key: segment, end and start.
    private const int CacheKeyBytes = sizeof(long) + SessionKey.SuffixBytes;

    private readonly ISessionStore<TKey, TAggregate> _store;
    private readonly SessionStoreSpec<TKey, TAggregate> _spec;
    private readonly RecordCache<Windowed<TKey>, TAggregate> _cache;
    private readonly KeyIndex<TKey, TAggregate> _index;
    private readonly RecordBuffer _scratch = new();
    private readonly long _segmentMs;
    private CacheListener<Windowed<TKey>, TAggregate>? _listener;

    public CachedSessionStore(ISessionStore<TKey, TAggregate> store, SessionStoreSpec<TKey, TAggregate> spec, bool segments, TaskContext task)
    {
        (_store, _spec) = (store, spec);
        _cache = new(task, task.State.Cache, this, WindowedEquality<TKey>.For(spec.KeySerde));
        _index = new(KeyEquality.For(spec.KeySerde));
        _segmentMs = segments ? spec.SegmentIntervalMs : 1;
    }

    public string Name => _store.Name;

    public long EntryCount => (_store as ICountable)?.EntryCount ?? 0;

    public long? ByteCount => (_store as IMeasurable)?.ByteCount;

    // To be read before the next change.
    private CachedSessionSnapshot<TKey, TAggregate> Now => new(_store, _cache.Now, _spec, _segmentMs, _scratch);

    // The store is open when a cache is put before it.
    public void Init(StateStoreContext context)
    {
    }

    public void SetFlushListener(IFlushListener<Windowed<TKey>, TAggregate> listener, bool sendOldValues) =>
        _listener = new SessionCacheListener<TKey, TAggregate>(listener, sendOldValues);

    public void Put(Windowed<TKey> session, TAggregate aggregate) => _cache.Put(session, aggregate, !_spec.Values.IsAbsent(in aggregate));

    public void Remove(Windowed<TKey> session) => _cache.Put(session, default!, hasValue: false);

    public bool TryFetchSession(TKey key, long start, long end, [MaybeNullWhen(false)] out TAggregate aggregate)
    {
        if (!_cache.TryGet(new(key, new(start, end)), out var entry))
            return _store.TryFetchSession(key, start, end, out aggregate);

        aggregate = entry.Change.Value;
        return entry.Change.HasValue;
    }

    public void CollectSessions(TKey key, long earliestEnd, long latestStart, List<KeyValue<Windowed<TKey>, TAggregate>> found)
    {
        var first = found.Count;
        _store.CollectSessions(key, earliestEnd, latestStart, found);
        if (_index.Of(key) is { } entries)
            CachedSessionSnapshot<TKey, TAggregate>.Lay(entries, earliestEnd, latestStart, found, first);
    }

    public IEnumerable<KeyValue<Windowed<TKey>, TAggregate>> FindSessions(TKey key, long earliestEnd, long latestStart)
    {
        var found = new List<KeyValue<Windowed<TKey>, TAggregate>>();
        CollectSessions(key, earliestEnd, latestStart, found);
        return found;
    }

    public IEnumerable<KeyValue<Windowed<TKey>, TAggregate>> BackwardFindSessions(TKey key, long earliestEnd, long latestStart)
    {
        var found = new List<KeyValue<Windowed<TKey>, TAggregate>>();
        CollectSessions(key, earliestEnd, latestStart, found);
        found.Reverse();
        return found;
    }

    public IEnumerable<KeyValue<Windowed<TKey>, TAggregate>> FindSessions(TKey? keyFrom, TKey? keyTo, long earliestEnd, long latestStart) =>
        [.. Now.FindSessions(keyFrom, keyTo, earliestEnd, latestStart)];

    public IEnumerable<KeyValue<Windowed<TKey>, TAggregate>> BackwardFindSessions(TKey? keyFrom, TKey? keyTo, long earliestEnd, long latestStart) =>
        [.. Now.BackwardFindSessions(keyFrom, keyTo, earliestEnd, latestStart)];

    public IEnumerable<KeyValue<Windowed<TKey>, TAggregate>> FindSessions(long earliestEnd, long latestEnd) =>
        [.. Now.FindSessions(earliestEnd, latestEnd)];

    public bool GetReady() => ((ISnapshots)_store).GetReady();

    public object Snapshot(StateGate gate) => new CachedSessionSnapshot<TKey, TAggregate>(
        (IReadOnlySessionStore<TKey, TAggregate>)((ISnapshots)_store).Snapshot(gate), _cache.Snapshot(), _spec, _segmentMs, new());

    public void FlushCache() => _cache.Flush();

    public void Flush() => _store.Flush();

    public void Close()
    {
        _cache.Clear();
        _index.Clear();
        _store.Close();
    }

    int ICacheOwner<Windowed<TKey>, TAggregate>.SizeOfKey(Windowed<TKey> key)
    {
        _scratch.Clear();
        _spec.KeySerde.Serialize(key.Key, _scratch);
        return _scratch.Length + CacheKeyBytes;
    }

    int ICacheOwner<Windowed<TKey>, TAggregate>.SizeOfValue(in TAggregate value) => _spec.Values.SizeOf(in value, _scratch);

    void ICacheOwner<Windowed<TKey>, TAggregate>.Added(CacheEntry<Windowed<TKey>, TAggregate> entry) => _index.Add(entry);

    void ICacheOwner<Windowed<TKey>, TAggregate>.Removed(CacheEntry<Windowed<TKey>, TAggregate> entry) => _index.Remove(entry);

    void ICacheOwner<Windowed<TKey>, TAggregate>.Write(in CachedChange<Windowed<TKey>, TAggregate> change)
    {
        var listener = _listener;
        var window = change.Key.Window;
        var (old, hasOld) = (default(TAggregate), false);
        if (listener is not null && (listener.SendsOldValues || !change.HasValue))
        {
            hasOld = _store.TryFetchSession(change.Key.Key, window.StartMs, window.EndMs, out old);
            if (!hasOld && !change.HasValue)
                return;
        }

        if (change.HasValue)
            _store.Put(change.Key, change.Value);
        else
            _store.Remove(change.Key);
        listener?.Tell(in change, listener.SendsOldValues ? old : default, hasOld && listener.SendsOldValues);
    }
}
