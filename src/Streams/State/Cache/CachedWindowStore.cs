using System.Diagnostics.CodeAnalysis;
using Streams.Processing;
using Streams.Runtime;

namespace Streams.State;

/// <summary>A window store behind the record cache. What waits in it is found whatever the store's retention, as in Kafka Streams.</summary>
internal abstract class CachedWindowStore<TKey, TStored>
    : IWindowStore<TKey, TStored>, IFlushableCache, ICountable, IMeasurable, ISnapshots, ICacheOwner<Windowed<TKey>, TStored>
{
    // Beside the key: segment, start and sequence.
    private const int CacheKeyBytes = sizeof(long) + WindowKey.SuffixBytes;

    private readonly IWindowStore<TKey, TStored> _store;
    private readonly WindowStoreSpec<TKey, TStored> _spec;
    private readonly RecordCache<Windowed<TKey>, TStored> _cache;
    private readonly KeyIndex<TKey, TStored> _index;
    private readonly RecordBuffer _scratch = new();
    private readonly long _segmentMs;

    protected CachedWindowStore(IWindowStore<TKey, TStored> store, WindowStoreSpec<TKey, TStored> spec, bool segments, TaskContext task)
    {
        (_store, _spec) = (store, spec);
        _cache = new(task, task.State.Cache, this, WindowedEquality<TKey>.For(spec.KeySerde));
        _index = new(KeyEquality.For(spec.KeySerde));
        _segmentMs = segments ? spec.SegmentIntervalMs : 1;
    }

    public string Name => _store.Name;

    public long EntryCount => (_store as ICountable)?.EntryCount ?? 0;

    public long? ByteCount => (_store as IMeasurable)?.ByteCount;

    protected CacheListener<Windowed<TKey>, TStored>? Listener { get; set; }

    // To be read before the next change.
    private CachedWindowSnapshot<TKey, TStored> Now => new(_store, _cache.Now, _spec, _segmentMs, _scratch);

    // The store is open when a cache is put before it.
    public void Init(StateStoreContext context)
    {
    }

    public void Put(TKey key, TStored value, long windowStart) => _cache.Put(Key(key, windowStart), value, !_spec.Values.IsAbsent(in value));

    public bool TryFetch(TKey key, long windowStart, [MaybeNullWhen(false)] out TStored value)
    {
        if (!_cache.TryGet(Key(key, windowStart), out var entry))
            return _store.TryFetch(key, windowStart, out value);

        value = entry.Change.Value;
        return entry.Change.HasValue;
    }

    public void CollectWindows(TKey key, long from, long to, List<KeyValue<long, TStored>> found)
    {
        var first = found.Count;
        _store.CollectWindows(key, from, to, found);
        if (_index.Of(key) is { } entries)
            CachedWindowSnapshot<TKey, TStored>.Lay(entries, from, to, found, first);
    }

    public IEnumerable<KeyValue<long, TStored>> Fetch(TKey key, long from, long to)
    {
        var found = new List<KeyValue<long, TStored>>();
        CollectWindows(key, from, to, found);
        return found;
    }

    public IEnumerable<KeyValue<long, TStored>> BackwardFetch(TKey key, long from, long to)
    {
        var found = new List<KeyValue<long, TStored>>();
        CollectWindows(key, from, to, found);
        found.Reverse();
        return found;
    }

    public IEnumerable<KeyValue<Windowed<TKey>, TStored>> FetchRange(TKey? keyFrom, TKey? keyTo, long from, long to) =>
        [.. Now.FetchRange(keyFrom, keyTo, from, to)];

    public IEnumerable<KeyValue<Windowed<TKey>, TStored>> BackwardFetchRange(TKey? keyFrom, TKey? keyTo, long from, long to) =>
        [.. Now.BackwardFetchRange(keyFrom, keyTo, from, to)];

    public IEnumerable<KeyValue<Windowed<TKey>, TStored>> FetchAll(long from, long to) => [.. Now.FetchAll(from, to)];

    public IEnumerable<KeyValue<Windowed<TKey>, TStored>> BackwardFetchAll(long from, long to) => [.. Now.BackwardFetchAll(from, to)];

    public IEnumerable<KeyValue<Windowed<TKey>, TStored>> All() => [.. Now.All()];

    public IEnumerable<KeyValue<Windowed<TKey>, TStored>> BackwardAll() => [.. Now.BackwardAll()];

    public bool GetReady() => ((ISnapshots)_store).GetReady();

    public object Snapshot(StateGate gate) => new CachedWindowSnapshot<TKey, TStored>(
        (IReadOnlyWindowStore<TKey, TStored>)((ISnapshots)_store).Snapshot(gate), _cache.Snapshot(), _spec, _segmentMs, new());

    public void FlushCache() => _cache.Flush();

    public void Flush() => _store.Flush();

    public void Close()
    {
        _cache.Clear();
        _index.Clear();
        _store.Close();
    }

    int ICacheOwner<Windowed<TKey>, TStored>.SizeOfKey(Windowed<TKey> key)
    {
        _scratch.Clear();
        _spec.KeySerde.Serialize(key.Key, _scratch);
        return _scratch.Length + CacheKeyBytes;
    }

    int ICacheOwner<Windowed<TKey>, TStored>.SizeOfValue(in TStored value) => _spec.Values.SizeOf(in value, _scratch);

    void ICacheOwner<Windowed<TKey>, TStored>.Added(CacheEntry<Windowed<TKey>, TStored> entry) => _index.Add(entry);

    void ICacheOwner<Windowed<TKey>, TStored>.Removed(CacheEntry<Windowed<TKey>, TStored> entry) => _index.Remove(entry);

    void ICacheOwner<Windowed<TKey>, TStored>.Write(in CachedChange<Windowed<TKey>, TStored> change)
    {
        var listener = Listener;
        var (old, hasOld) = (default(TStored), false);
        if (listener is not null && (listener.SendsOldValues || !change.HasValue))
        {
            hasOld = _store.TryFetch(change.Key.Key, change.Key.Window.StartMs, out old);
            if (!hasOld && !change.HasValue)
                return;
        }

        _store.Put(change.Key.Key, change.Value, change.Key.Window.StartMs);
        listener?.Tell(in change, listener.SendsOldValues ? old : default, hasOld && listener.SendsOldValues);
    }

    private Windowed<TKey> Key(TKey key, long start) => new(key, TimeWindow.Of(start, _spec.WindowSizeMs));
}

internal sealed class CachedPlainWindowStore<TKey, TValue>(
    IWindowStore<TKey, TValue> store, WindowStoreSpec<TKey, TValue> spec, bool segments, TaskContext task)
    : CachedWindowStore<TKey, TValue>(store, spec, segments, task), ICachedStore<Windowed<TKey>, TValue>
{
    public void SetFlushListener(IFlushListener<Windowed<TKey>, TValue> listener, bool sendOldValues) =>
        Listener = new PlainCacheListener<Windowed<TKey>, TValue>(listener, sendOldValues);
}

internal sealed class CachedTimestampedWindowStore<TKey, TValue>(
    IWindowStore<TKey, ValueAndTimestamp<TValue>> store, WindowStoreSpec<TKey, ValueAndTimestamp<TValue>> spec, bool segments, TaskContext task)
    : CachedWindowStore<TKey, ValueAndTimestamp<TValue>>(store, spec, segments, task),
      ITimestampedWindowStore<TKey, TValue>,
      ICachedStore<Windowed<TKey>, TValue>
{
    public void SetFlushListener(IFlushListener<Windowed<TKey>, TValue> listener, bool sendOldValues) =>
        Listener = new TimestampedCacheListener<Windowed<TKey>, TValue>(listener, sendOldValues);
}
