using System.Diagnostics.CodeAnalysis;

namespace Streams.State;

/// <summary>
/// Values as objects, at most so many: a new key pushes out the one that was used least lately, and its changelog learns of that. Kafka Streams'
/// <c>MemoryNavigableLRUCache</c>.
/// </summary>
internal sealed class InMemoryLruStore<TKey, TStored>(KeyValueStoreSpec<TKey, TStored> spec, int entriesMax)
    : IKeyValueStore<TKey, TStored>, IRestorable, ICountable
{
    private readonly ISerde<TKey> _keySerde = spec.KeySerde;
    private readonly Dictionary<TKey, LinkedListNode<KeyValue<TKey, TStored>>> _entries = new(KeyEquality.For(spec.KeySerde));

    // The first was used least lately.
    private readonly LinkedList<KeyValue<TKey, TStored>> _byUse = new();
    private readonly RecordBuffer _scratch = new();
    private StateStoreContext? _context;
    private Changelog? _changelog;
    private int _thread;

    public string Name => spec.Name;

    public long Count => _entries.Count;

    public long EntryCount => _entries.Count;

    public void Init(StateStoreContext context)
    {
        _context = context;
        _changelog = context.Changelog;
        _thread = Environment.CurrentManagedThreadId;
    }

    public bool TryGet(TKey key, [MaybeNullWhen(false)] out TStored value)
    {
        if (!_entries.TryGetValue(key, out var entry))
        {
            value = default;
            return false;
        }

        // A query from another thread decides nothing about what is pushed out.
        if (Environment.CurrentManagedThreadId == _thread)
            Use(entry);
        value = entry.Value.Value;
        return true;
    }

    public void Put(TKey key, TStored value)
    {
        if (spec.Values.IsAbsent(in value))
        {
            Delete(key);
            return;
        }

        Set(key, value, logged: true);
        if (_changelog is not { } changelog)
            return;

        changelog.Buffer.Clear();
        _keySerde.Serialize(key, changelog.Buffer);
        var keyLength = changelog.Buffer.Length;
        var timestamp = spec.Values.Write(in value, _context!.Task.Timestamp, changelog.Buffer);
        changelog.Put(keyLength, timestamp);
    }

    public bool PutIfAbsent(TKey key, TStored value)
    {
        if (TryGet(key, out _))
            return false;

        Put(key, value);
        return true;
    }

    public bool Delete(TKey key)
    {
        var existed = Remove(key);
        LogDeletion(key);
        return existed;
    }

    public IEnumerable<KeyValue<TKey, TStored>> All() => Within(null, null).ConvertAll(Entry);

    public IEnumerable<KeyValue<TKey, TStored>> ReverseAll() => LastFirst(null, null);

    public IEnumerable<KeyValue<TKey, TStored>> Range(TKey? from, TKey? to) => Within(Bytes(from), Bytes(to)).ConvertAll(Entry);

    public IEnumerable<KeyValue<TKey, TStored>> ReverseRange(TKey? from, TKey? to) => LastFirst(Bytes(from), Bytes(to));

    public IEnumerable<KeyValue<TKey, TStored>> PrefixScan<TPrefix>(TPrefix prefix, ISerde<TPrefix> prefixSerde)
    {
        var first = OrderedKey<TKey>.Prefix(prefix, prefixSerde, _scratch).Bytes;
        var keys = Within(first, null);
        keys.RemoveAll(key => !key.Bytes.AsSpan().StartsWith(first));
        return keys.ConvertAll(Entry);
    }

    public void Restore(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value, bool hasValue, long timestamp)
    {
        var restored = _keySerde.Deserialize(key);
        if (hasValue)
            Set(restored, spec.Values.Read(value, timestamp), logged: false);
        else
            Remove(restored);
    }

    public void Flush()
    {
    }

    public void Close()
    {
        _entries.Clear();
        _byUse.Clear();
    }

    private void Set(TKey key, TStored value, bool logged)
    {
        if (_entries.TryGetValue(key, out var entry))
        {
            entry.Value = new(key, value);
            Use(entry);
            return;
        }

        _entries.Add(key, _byUse.AddLast(new KeyValue<TKey, TStored>(key, value)));
        if (_entries.Count <= entriesMax)
            return;

        var eldest = _byUse.First!.Value.Key;
        Remove(eldest);
        if (logged)
            LogDeletion(eldest);
    }

    private bool Remove(TKey key)
    {
        if (!_entries.Remove(key, out var entry))
            return false;

        _byUse.Remove(entry);
        return true;
    }

    private void Use(LinkedListNode<KeyValue<TKey, TStored>> entry)
    {
        _byUse.Remove(entry);
        _byUse.AddLast(entry);
    }

    private void LogDeletion(TKey key)
    {
        if (_changelog is not { } changelog)
            return;

        changelog.Buffer.Clear();
        _keySerde.Serialize(key, changelog.Buffer);
        changelog.Delete(changelog.Buffer.Length, _context!.Task.Timestamp);
    }

    // Put in order when asked: such a store is small, and mostly asked by key.
    private List<OrderedKey<TKey>> Within(byte[]? first, byte[]? last)
    {
        var keys = new List<OrderedKey<TKey>>();
        foreach (var key in _entries.Keys)
        {
            var ordered = OrderedKey<TKey>.Of(key, _keySerde, _scratch);
            if (ordered.IsWithin(first, last))
                keys.Add(ordered);
        }

        keys.Sort(OrderedKey<TKey>.Comparer);
        return keys;
    }

    private List<KeyValue<TKey, TStored>> LastFirst(byte[]? first, byte[]? last)
    {
        var keys = Within(first, last);
        keys.Reverse();
        return keys.ConvertAll(Entry);
    }

    private KeyValue<TKey, TStored> Entry(OrderedKey<TKey> key) => _entries[key.Key].Value;

    private byte[]? Bytes(TKey? key) => key is null ? null : OrderedKey<TKey>.Of(key, _keySerde, _scratch).Bytes;
}
