using Streams.Processing;
using Streams.Runtime;

namespace Streams.State;

/// <summary>Versions as objects, each key's in a list by time. History is dropped from a key when it changes, and from all now and then.</summary>
internal sealed class InMemoryVersionedStore<TKey, TValue>(VersionedStoreSpec<TKey, TValue> spec)
    : IVersionedKeyValueStore<TKey, TValue>, IRestorable, ICountable, ISnapshots
{
    private readonly ISerde<TKey> _keySerde = spec.KeySerde;
    private CowMap<TKey, VersionList<TValue>> _keys = new(KeyEquality.For(spec.KeySerde));
    private readonly Expiry _expiry = new(spec.HistoryRetentionMs, null);
    private StateStoreContext? _context;
    private Changelog? _changelog;
    private StoreTimer _timer = null!;
    private long _observed = -1;
    private int _snapshots;

    public string Name => spec.Name;

    public long EntryCount { get; private set; }

    // To be read before the next change.
    private VersionedSnapshot<TKey, TValue> Now => new(_keys, EarliestKept);

    private long EarliestKept => _observed - spec.HistoryRetentionMs;

    public void Init(StateStoreContext context)
    {
        _context = context;
        _changelog = context.Changelog;
        _timer = new(Name, context.Task.StoreTimes);
    }

    public long Put(TKey key, TValue value, long timestamp)
    {
        using var timing = _timer.Begin(StoreOperation.Put);
        var validTo = Apply(key, value, value is not null, timestamp);
        Log(key, value, value is not null, timestamp);
        return validTo;
    }

    public VersionedRecord<TValue>? Delete(TKey key, long timestamp)
    {
        var before = timestamp < EarliestKept ? null : Get(key, timestamp);
        Apply(key, default!, hasValue: false, timestamp);
        Log(key, default!, hasValue: false, timestamp);
        return before;
    }

    public VersionedRecord<TValue>? Get(TKey key)
    {
        using var timing = _timer.Begin(StoreOperation.Get);
        return Now.Get(key);
    }

    public VersionedRecord<TValue>? Get(TKey key, long asOf)
    {
        using var timing = _timer.Begin(StoreOperation.Get);
        return Now.Get(key, asOf);
    }

    public IEnumerable<VersionedRecord<TValue>> GetVersions(TKey key, long from, long to, bool ascending = false) =>
        Now.GetVersions(key, from, to, ascending);

    public object Snapshot(StateGate gate)
    {
        var snapshot = new VersionedSnapshot<TKey, TValue>(_keys, EarliestKept);
        _keys = _keys.Fork();
        _snapshots++;
        return snapshot;
    }

    public void Restore(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value, bool hasValue, long timestamp)
    {
        // What had come too late was logged, too; it is no drop to count again.
        if (timestamp >= EarliestKept)
            Apply(_keySerde.Deserialize(key), hasValue ? spec.ValueSerde.Deserialize(value) : default!, hasValue, timestamp);
    }

    public void Flush()
    {
    }

    public void Close()
    {
        _keys = new(KeyEquality.For(spec.KeySerde));
        EntryCount = 0;
    }

    private long Apply(TKey key, TValue value, bool hasValue, long timestamp)
    {
        if (timestamp < EarliestKept)
        {
            _context!.Task.Drop(DropReason.Late);
            return VersionedStore.NotPut;
        }

        _observed = Math.Max(_observed, timestamp);
        if (_expiry.Observe(timestamp))
            Sweep();
        if (!_keys.TryGetValue(key, out var versions))
            _keys.Set(key, versions = new(_snapshots));
        versions = ToWrite(key, versions);
        var before = versions.Count;
        var validTo = versions.Put(new(timestamp, value, hasValue));
        versions.RemoveFirst(versions.EndedBy(EarliestKept));
        EntryCount += versions.Count - before;
        if (versions.Count == 0)
            _keys.Remove(key);
        return validTo;
    }

    private void Sweep()
    {
        foreach (var (key, versions) in _keys)
        {
            var ended = versions.EndedBy(EarliestKept);
            EntryCount -= ended;
            if (ended == versions.Count)
                _keys.Remove(key);
            else if (ended > 0)
                ToWrite(key, versions).RemoveFirst(ended);
        }
    }

    // What a snapshot has stays as it is.
    private VersionList<TValue> ToWrite(TKey key, VersionList<TValue> versions)
    {
        if (versions.MadeIn == _snapshots)
            return versions;

        versions = versions.Copy(_snapshots);
        _keys.Set(key, versions);
        return versions;
    }

    // The value alone; the record's timestamp says from when it is valid. Logged even where it came too late, as Kafka Streams does.
    private void Log(TKey key, TValue value, bool hasValue, long timestamp)
    {
        if (_changelog is not { } changelog)
            return;

        changelog.Buffer.Clear();
        _keySerde.Serialize(key, changelog.Buffer);
        var keyLength = changelog.Buffer.Length;
        if (!hasValue)
        {
            changelog.Delete(keyLength, timestamp);
            return;
        }

        spec.ValueSerde.Serialize(value, changelog.Buffer);
        changelog.Put(keyLength, timestamp);
    }
}
