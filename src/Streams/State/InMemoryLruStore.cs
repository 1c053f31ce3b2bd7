using System.Diagnostics.CodeAnalysis;
using Streams.Runtime;

namespace Streams.State;

/// <summary>
/// Values as objects, at most so many: a new key pushes out the one that was used least lately, and its changelog learns of that. Kafka Streams'
/// <c>MemoryNavigableLRUCache</c>.
/// </summary>
internal sealed class InMemoryLruStore<TKey, TStored>(KeyValueStoreSpec<TKey, TStored> spec, int entriesMax)
    : IKeyValueStore<TKey, TStored>, IRestorable, ICountable, ISnapshots
{
    private readonly ISerde<TKey> _keySerde = spec.KeySerde;
    private readonly KeyedEntries<TKey, TStored> _entries = new(spec.KeySerde);

    // The first was used least lately. Each entry's use is found by its slot.
    private readonly LinkedList<TKey> _byUse = new();
    private readonly List<LinkedListNode<TKey>?> _uses = [];
    private StateStoreContext? _context;
    private Changelog? _changelog;
    private StoreTimer _timer = null!;
    private int _thread;

    public string Name => spec.Name;

    public long Count => _entries.Count;

    public long EntryCount => _entries.Count;

    public void Init(StateStoreContext context)
    {
        _context = context;
        _changelog = context.Changelog;
        _timer = new(Name, context.Task.StoreTimes);
        _thread = Environment.CurrentManagedThreadId;
    }

    public bool TryGet(TKey key, [MaybeNullWhen(false)] out TStored value)
    {
        using var timing = _timer.Begin(StoreOperation.Get);
        if (!_entries.TryGet(key, out value))
            return false;

        // A query from another thread decides nothing about what is pushed out.
        if (Environment.CurrentManagedThreadId == _thread)
            Use(_entries.Find(key));
        return true;
    }

    public void Put(TKey key, TStored value)
    {
        using var timing = _timer.Begin(StoreOperation.Put);
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

    public IEnumerable<KeyValue<TKey, TStored>> All() => [.. _entries.Now.All()];

    public IEnumerable<KeyValue<TKey, TStored>> ReverseAll() => [.. _entries.Now.ReverseAll()];

    public IEnumerable<KeyValue<TKey, TStored>> Range(TKey? from, TKey? to) => [.. _entries.Now.Range(from, to)];

    public IEnumerable<KeyValue<TKey, TStored>> ReverseRange(TKey? from, TKey? to) => [.. _entries.Now.ReverseRange(from, to)];

    public IEnumerable<KeyValue<TKey, TStored>> PrefixScan<TPrefix>(TPrefix prefix, ISerde<TPrefix> prefixSerde) =>
        [.. _entries.Now.PrefixScan(prefix, prefixSerde)];

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
        _uses.Clear();
    }

    public bool GetReady() => _entries.GetReady();

    public object Snapshot(StateGate gate) => _entries.Snapshot();

    private void Set(TKey key, TStored value, bool logged)
    {
        var slot = _entries.Set(key, value);
        if (slot < 0)
        {
            Use(_entries.Find(key));
            return;
        }

        if (slot == _uses.Count)
            _uses.Add(null);
        _uses[slot] = _byUse.AddLast(key);
        if (_entries.Count <= entriesMax)
            return;

        var eldest = _byUse.First!.Value;
        Remove(eldest);
        if (logged)
            LogDeletion(eldest);
    }

    private bool Remove(TKey key)
    {
        var slot = _entries.Remove(key);
        if (slot < 0)
            return false;

        _byUse.Remove(_uses[slot]!);
        _uses[slot] = null;
        return true;
    }

    private void Use(int slot)
    {
        _byUse.Remove(_uses[slot]!);
        _byUse.AddLast(_uses[slot]!);
    }

    private void LogDeletion(TKey key)
    {
        if (_changelog is not { } changelog)
            return;

        changelog.Buffer.Clear();
        _keySerde.Serialize(key, changelog.Buffer);
        changelog.Delete(changelog.Buffer.Length, _context!.Task.Timestamp);
    }
}
