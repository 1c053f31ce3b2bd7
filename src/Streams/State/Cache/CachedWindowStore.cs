using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using Streams.Processing;

namespace Streams.State;

/// <summary>A window store behind the record cache. What waits in it is found whatever the store's retention, as in Kafka Streams.</summary>
internal abstract class CachedWindowStore<TKey, TStored>
    : IWindowStore<TKey, TStored>, IFlushableCache, ICountable, ICacheOwner<Windowed<TKey>, TStored>
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

    protected CacheListener<Windowed<TKey>, TStored>? Listener { get; set; }

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
        if (_index.Of(key) is not { } entries)
            return;

        foreach (var entry in entries)
        {
            var start = entry.Key.Window.StartMs;
            if (start < from || start > to)
                continue;

            var at = found.Count;
            while (at > first && found[at - 1].Key >= start)
                at--;
            if (at < found.Count && found[at].Key == start)
                found.RemoveAt(at);
            if (entry.Change.HasValue)
                found.Insert(at, new(start, entry.Change.Value));
        }
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
        Merged(_store.FetchRange(keyFrom, keyTo, from, to), Bytes(keyFrom), Bytes(keyTo), from, to, _spec.ListsRangesByTime, reverse: false);

    public IEnumerable<KeyValue<Windowed<TKey>, TStored>> BackwardFetchRange(TKey? keyFrom, TKey? keyTo, long from, long to) =>
        Merged(_store.BackwardFetchRange(keyFrom, keyTo, from, to), Bytes(keyFrom), Bytes(keyTo), from, to, _spec.ListsRangesByTime, reverse: true);

    public IEnumerable<KeyValue<Windowed<TKey>, TStored>> FetchAll(long from, long to) =>
        Merged(_store.FetchAll(from, to), null, null, from, to, _spec.ListsAllByTime, reverse: false);

    public IEnumerable<KeyValue<Windowed<TKey>, TStored>> BackwardFetchAll(long from, long to) =>
        Merged(_store.BackwardFetchAll(from, to), null, null, from, to, _spec.ListsAllByTime, reverse: true);

    public IEnumerable<KeyValue<Windowed<TKey>, TStored>> All() =>
        Merged(_store.All(), null, null, long.MinValue, long.MaxValue, _spec.ListsAllByTime, reverse: false);

    public IEnumerable<KeyValue<Windowed<TKey>, TStored>> BackwardAll() =>
        Merged(_store.BackwardAll(), null, null, long.MinValue, long.MaxValue, _spec.ListsAllByTime, reverse: true);

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

    private byte[]? Bytes(TKey? key) => key is null ? null : OrderedKey<TKey>.Of(key, _spec.KeySerde, _scratch).Bytes;

    private List<KeyValue<Windowed<TKey>, TStored>> Merged(
        IEnumerable<KeyValue<Windowed<TKey>, TStored>> stored, byte[]? first, byte[]? last, long from, long to, bool byTime, bool reverse) => MergedRows.Of(
        stored,
        _cache.Entries,
        (key, window) => window.StartMs >= from && window.StartMs <= to && key.IsWithin(first, last),
        byTime ? RowByTime : Row,
        _spec.KeySerde,
        _scratch,
        reverse);

    private MergeRow<TKey, TStored> Row(byte[] key, Windowed<TKey> windowed, TStored value, bool hasValue)
    {
        var bytes = new byte[key.Length + sizeof(long)];
        key.CopyTo(bytes, 0);
        BinaryPrimitives.WriteInt64BigEndian(bytes.AsSpan(key.Length), windowed.Window.StartMs);
        return new(windowed.Window.StartMs / _segmentMs, bytes, windowed, value, hasValue);
    }

    private MergeRow<TKey, TStored> RowByTime(byte[] key, Windowed<TKey> windowed, TStored value, bool hasValue) =>
        new(windowed.Window.StartMs, key, windowed, value, hasValue);
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
