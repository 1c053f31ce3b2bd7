using System.Diagnostics.CodeAnalysis;
using Streams.Runtime;

namespace Streams.State;

/// <summary>Values as objects in a hash table.</summary>
internal class InMemoryKeyValueStore<TKey, TStored>(KeyValueStoreSpec<TKey, TStored> spec)
    : IKeyValueStore<TKey, TStored>, IOrderedScan<TKey, TStored>, IRestorable, ICountable, ISnapshots
{
    private readonly ISerde<TKey> _keySerde = spec.KeySerde;
    private readonly StoredValue<TStored> _values = spec.Values;
    private readonly KeyedEntries<TKey, TStored> _entries = new(spec.KeySerde);
    private StateStoreContext? _context;
    private Changelog? _changelog;
    private StoreTimer _timer = null!;

    public string Name => spec.Name;

    public long Count => _entries.Count;

    public long EntryCount => _entries.Count;

    public void Init(StateStoreContext context)
    {
        _context = context;
        _changelog = context.Changelog;
        _timer = new(Name, context.Task.StoreTimes);
    }

    public bool TryGet(TKey key, [MaybeNullWhen(false)] out TStored value)
    {
        using var timing = _timer.Begin(StoreOperation.Get);
        return _entries.TryGet(key, out value);
    }

    public void Put(TKey key, TStored value)
    {
        using var timing = _timer.Begin(StoreOperation.Put);
        if (_values.IsAbsent(in value))
        {
            Delete(key);
            return;
        }

        _entries.Set(key, value);
        if (_changelog is { } changelog)
        {
            var buffer = changelog.Buffer;
            buffer.Clear();
            _keySerde.Serialize(key, buffer);
            var keyLength = buffer.Length;
            var timestamp = _values.Write(in value, _context!.Task.Timestamp, buffer);
            changelog.Put(keyLength, timestamp);
        }
    }

    public bool PutIfAbsent(TKey key, TStored value)
    {
        if (_entries.Find(key) >= 0)
            return false;

        Put(key, value);
        return true;
    }

    public bool Delete(TKey key)
    {
        var existed = _entries.Remove(key) >= 0;

        // Logged even where there was nothing: the changelog may still hold an older value of this key.
        if (_changelog is { } changelog)
        {
            changelog.Buffer.Clear();
            _keySerde.Serialize(key, changelog.Buffer);
            changelog.Delete(changelog.Buffer.Length, _context!.Task.Timestamp);
        }

        return existed;
    }

    public IEnumerable<KeyValue<TKey, TStored>> All() => [.. _entries.Now.All()];

    public IEnumerable<KeyValue<TKey, TStored>> InOrder() => _entries.Now.All();

    public IEnumerable<KeyValue<TKey, TStored>> ReverseAll() => [.. _entries.Now.ReverseAll()];

    public IEnumerable<KeyValue<TKey, TStored>> Range(TKey? from, TKey? to) => [.. _entries.Now.Range(from, to)];

    public IEnumerable<KeyValue<TKey, TStored>> ReverseRange(TKey? from, TKey? to) => [.. _entries.Now.ReverseRange(from, to)];

    public IEnumerable<KeyValue<TKey, TStored>> PrefixScan<TPrefix>(TPrefix prefix, ISerde<TPrefix> prefixSerde) =>
        [.. _entries.Now.PrefixScan(prefix, prefixSerde)];

    public void Restore(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value, bool hasValue, long timestamp)
    {
        var restored = _keySerde.Deserialize(key);
        if (hasValue)
            _entries.Set(restored, _values.Read(value, timestamp));
        else
            _entries.Remove(restored);
    }

    public void Flush()
    {
    }

    public void Close() => _entries.Clear();

    public bool GetReady() => _entries.GetReady();

    public object Snapshot(StateGate gate) => _entries.Snapshot();
}

internal sealed class InMemoryTimestampedKeyValueStore<TKey, TValue>(KeyValueStoreSpec<TKey, ValueAndTimestamp<TValue>> spec)
    : InMemoryKeyValueStore<TKey, ValueAndTimestamp<TValue>>(spec), ITimestampedKeyValueStore<TKey, TValue>;
