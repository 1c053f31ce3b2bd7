using System.Diagnostics.CodeAnalysis;
using Streams.Processing;
using Streams.Runtime;

namespace Streams.State;

/// <summary>A key-value store behind the record cache. Reads find what waits in it.</summary>
internal abstract class CachedKeyValueStore<TKey, TStored> : IKeyValueStore<TKey, TStored>, IFlushableCache, ICountable, IMeasurable, ISnapshots, ICacheOwner<TKey, TStored>
{
    private readonly IKeyValueStore<TKey, TStored> _store;
    private readonly KeyValueStoreSpec<TKey, TStored> _spec;
    private readonly RecordCache<TKey, TStored> _cache;
    private readonly RecordBuffer _scratch = new();

    protected CachedKeyValueStore(IKeyValueStore<TKey, TStored> store, KeyValueStoreSpec<TKey, TStored> spec, TaskContext task)
    {
        (_store, _spec) = (store, spec);
        _cache = new(task, task.State.Cache, this, KeyEquality.For(spec.KeySerde));
    }

    public string Name => _store.Name;

    public long Count => _store.Count;

    public long EntryCount => _store.Count;

    public long? ByteCount => (_store as IMeasurable)?.ByteCount;

    protected CacheListener<TKey, TStored>? Listener { get; set; }

    // To be read before the next change.
    private CachedKeyValueSnapshot<TKey, TStored> Now => new(_store, _cache.Now, _spec.KeySerde, _scratch);

    // The store is open when a cache is put before it.
    public void Init(StateStoreContext context)
    {
    }

    public bool TryGet(TKey key, [MaybeNullWhen(false)] out TStored value)
    {
        if (_cache.TryGet(key, out var entry))
        {
            value = entry.Change.Value;
            return entry.Change.HasValue;
        }

        if (!_store.TryGet(key, out value))
            return false;

        if (_cache.IsOwnThread)
            _cache.Remember(key, value);
        return true;
    }

    public void Put(TKey key, TStored value) => _cache.Put(key, value, !_spec.Values.IsAbsent(in value));

    public bool PutIfAbsent(TKey key, TStored value)
    {
        if (TryGet(key, out _))
            return false;

        Put(key, value);
        return true;
    }

    public bool Delete(TKey key)
    {
        var existed = TryGet(key, out _);
        _cache.Put(key, default!, hasValue: false);
        return existed;
    }

    public IEnumerable<KeyValue<TKey, TStored>> All() => [.. Now.All()];

    public IEnumerable<KeyValue<TKey, TStored>> ReverseAll() => [.. Now.ReverseAll()];

    public IEnumerable<KeyValue<TKey, TStored>> Range(TKey? from, TKey? to) => [.. Now.Range(from, to)];

    public IEnumerable<KeyValue<TKey, TStored>> ReverseRange(TKey? from, TKey? to) => [.. Now.ReverseRange(from, to)];

    public IEnumerable<KeyValue<TKey, TStored>> PrefixScan<TPrefix>(TPrefix prefix, ISerde<TPrefix> prefixSerde) =>
        [.. Now.PrefixScan(prefix, prefixSerde)];

    public bool GetReady() => ((ISnapshots)_store).GetReady();

    public object Snapshot(StateGate gate) => new CachedKeyValueSnapshot<TKey, TStored>(
        (IReadOnlyKeyValueStore<TKey, TStored>)((ISnapshots)_store).Snapshot(gate), _cache.Snapshot(), _spec.KeySerde, new());

    public void FlushCache() => _cache.Flush();

    public void Flush() => _store.Flush();

    public void Close()
    {
        _cache.Clear();
        _store.Close();
    }

    int ICacheOwner<TKey, TStored>.SizeOfKey(TKey key)
    {
        _scratch.Clear();
        _spec.KeySerde.Serialize(key, _scratch);
        return _scratch.Length;
    }

    int ICacheOwner<TKey, TStored>.SizeOfValue(in TStored value) => _spec.Values.SizeOf(in value, _scratch);

    void ICacheOwner<TKey, TStored>.Added(CacheEntry<TKey, TStored> entry)
    {
    }

    void ICacheOwner<TKey, TStored>.Removed(CacheEntry<TKey, TStored> entry)
    {
    }

    void ICacheOwner<TKey, TStored>.Write(in CachedChange<TKey, TStored> change)
    {
        var listener = Listener;
        var (old, hasOld) = (default(TStored), false);
        if (listener is not null && (listener.SendsOldValues || !change.HasValue))
        {
            hasOld = _store.TryGet(change.Key, out old);

            // Came and went between two flushes: nobody need ever know.
            if (!hasOld && !change.HasValue)
                return;
        }

        if (change.HasValue)
            _store.Put(change.Key, change.Value);
        else
            _store.Delete(change.Key);
        listener?.Tell(in change, listener.SendsOldValues ? old : default, hasOld && listener.SendsOldValues);
    }
}

internal sealed class CachedPlainKeyValueStore<TKey, TValue>(
    IKeyValueStore<TKey, TValue> store, KeyValueStoreSpec<TKey, TValue> spec, TaskContext task)
    : CachedKeyValueStore<TKey, TValue>(store, spec, task), ICachedStore<TKey, TValue>
{
    public void SetFlushListener(IFlushListener<TKey, TValue> listener, bool sendOldValues) =>
        Listener = new PlainCacheListener<TKey, TValue>(listener, sendOldValues);
}

internal sealed class CachedTimestampedKeyValueStore<TKey, TValue>(
    IKeyValueStore<TKey, ValueAndTimestamp<TValue>> store, KeyValueStoreSpec<TKey, ValueAndTimestamp<TValue>> spec, TaskContext task)
    : CachedKeyValueStore<TKey, ValueAndTimestamp<TValue>>(store, spec, task), ITimestampedKeyValueStore<TKey, TValue>, ICachedStore<TKey, TValue>
{
    public void SetFlushListener(IFlushListener<TKey, TValue> listener, bool sendOldValues) =>
        Listener = new TimestampedCacheListener<TKey, TValue>(listener, sendOldValues);
}
