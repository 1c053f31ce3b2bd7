namespace Streams.State;

/// <summary>Versions as objects, each key's in a list by time. History is dropped from a key when it changes, and from all now and then.</summary>
internal sealed class InMemoryVersionedStore<TKey, TValue>(VersionedStoreSpec<TKey, TValue> spec)
    : IVersionedKeyValueStore<TKey, TValue>, IRestorable, ICountable
{
    private readonly ISerde<TKey> _keySerde = spec.KeySerde;
    private readonly Dictionary<TKey, VersionList<TValue>> _keys = new(KeyEquality.For(spec.KeySerde));
    private readonly List<TKey> _emptied = [];
    private readonly Expiry _expiry = new(spec.HistoryRetentionMs, null);
    private StateStoreContext? _context;
    private Changelog? _changelog;
    private long _observed = -1;

    public string Name => spec.Name;

    public long EntryCount
    {
        get
        {
            long count = 0;
            foreach (var versions in _keys.Values)
                count += versions.Count;
            return count;
        }
    }

    private long EarliestKept => _observed - spec.HistoryRetentionMs;

    public void Init(StateStoreContext context)
    {
        _context = context;
        _changelog = context.Changelog;
    }

    public long Put(TKey key, TValue value, long timestamp)
    {
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

    public VersionedRecord<TValue>? Get(TKey key) =>
        _keys.TryGetValue(key, out var versions) && versions.Count > 0 ? Record(versions, versions.Count - 1, tellsEnd: false) : null;

    public VersionedRecord<TValue>? Get(TKey key, long asOf)
    {
        if (!_keys.TryGetValue(key, out var versions))
            return null;

        var at = versions.At(asOf);
        return at < 0 || (asOf < EarliestKept && at < versions.Count - 1) ? null : Record(versions, at, tellsEnd: false);
    }

    public IEnumerable<VersionedRecord<TValue>> GetVersions(TKey key, long from, long to, bool ascending = false)
    {
        var found = new List<VersionedRecord<TValue>>();
        if (!_keys.TryGetValue(key, out var versions))
            return found;

        for (var i = Math.Max(0, versions.At(from)); i < versions.Count && versions[i].From <= to; i++)
        {
            if ((to >= EarliestKept || i == versions.Count - 1) && Record(versions, i, tellsEnd: true) is { } record)
                found.Add(record);
        }

        if (!ascending)
            found.Reverse();
        return found;
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

    public void Close() => _keys.Clear();

    private long Apply(TKey key, TValue value, bool hasValue, long timestamp)
    {
        if (timestamp < EarliestKept)
        {
            _context!.Task.Dropped++;
            return VersionedStore.NotPut;
        }

        _observed = Math.Max(_observed, timestamp);
        if (_expiry.Observe(timestamp))
            Sweep();
        if (!_keys.TryGetValue(key, out var versions))
            _keys.Add(key, versions = new());
        var validTo = versions.Put(new(timestamp, value, hasValue));
        versions.RemoveEndedBy(EarliestKept);
        if (versions.Count == 0)
            _keys.Remove(key);
        return validTo;
    }

    private void Sweep()
    {
        foreach (var (key, versions) in _keys)
        {
            versions.RemoveEndedBy(EarliestKept);
            if (versions.Count == 0)
                _emptied.Add(key);
        }

        foreach (var key in _emptied)
            _keys.Remove(key);
        _emptied.Clear();
    }

    private static VersionedRecord<TValue>? Record(VersionList<TValue> versions, int i, bool tellsEnd)
    {
        ref readonly var version = ref versions[i];
        return version.HasValue ? new(version.Value, version.From, tellsEnd ? versions.ValidTo(i) : null) : null;
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
