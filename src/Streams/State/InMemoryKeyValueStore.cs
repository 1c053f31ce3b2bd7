using System.Diagnostics.CodeAnalysis;

namespace Streams.State;

/// <summary>
/// Values as objects in a hash table. Keys are put in order of their bytes when someone first reads in order; from then on the order is kept
/// up, so a store that is only asked by key never pays for it.
/// </summary>
internal class InMemoryKeyValueStore<TKey, TStored>(KeyValueStoreSpec<TKey, TStored> spec)
    : IKeyValueStore<TKey, TStored>, IOrderedScan<TKey, TStored>, IRestorable, ICountable
{
    private readonly ISerde<TKey> _keySerde = spec.KeySerde;
    private readonly StoredValue<TStored> _values = spec.Values;
    private readonly Dictionary<TKey, TStored> _entries = new(KeyEquality.For(spec.KeySerde));
    private readonly RecordBuffer _scratch = new();
    private SortedSet<OrderedKey<TKey>>? _order;
    private StateStoreContext? _context;
    private Changelog? _changelog;

    public string Name => spec.Name;

    public long Count => _entries.Count;

    public long EntryCount => _entries.Count;

    public void Init(StateStoreContext context)
    {
        _context = context;
        _changelog = context.Changelog;
    }

    public bool TryGet(TKey key, [MaybeNullWhen(false)] out TStored value) => _entries.TryGetValue(key, out value);

    public void Put(TKey key, TStored value)
    {
        if (_values.IsAbsent(in value))
        {
            Delete(key);
            return;
        }

        Set(key, value);
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
        if (_entries.ContainsKey(key))
            return false;

        Put(key, value);
        return true;
    }

    public bool Delete(TKey key)
    {
        var existed = Remove(key);

        // Logged even where there was nothing: the changelog may still hold an older value of this key.
        if (_changelog is { } changelog)
        {
            changelog.Buffer.Clear();
            _keySerde.Serialize(key, changelog.Buffer);
            changelog.Delete(changelog.Buffer.Length, _context!.Task.Timestamp);
        }

        return existed;
    }

    public IEnumerable<KeyValue<TKey, TStored>> All() => Snapshot(Order, reverse: false);

    public IEnumerable<KeyValue<TKey, TStored>> InOrder()
    {
        foreach (var key in Order)
            yield return new(key.Key, _entries[key.Key]);
    }

    public IEnumerable<KeyValue<TKey, TStored>> ReverseAll() => Snapshot(Order, reverse: true);

    public IEnumerable<KeyValue<TKey, TStored>> Range(TKey? from, TKey? to) => Snapshot(View(from, to), reverse: false);

    public IEnumerable<KeyValue<TKey, TStored>> ReverseRange(TKey? from, TKey? to) => Snapshot(View(from, to), reverse: true);

    public IEnumerable<KeyValue<TKey, TStored>> PrefixScan<TPrefix>(TPrefix prefix, ISerde<TPrefix> prefixSerde)
    {
        var order = Order;
        var first = OrderedKey<TKey>.Prefix(prefix, prefixSerde, _scratch);
        var found = new List<KeyValue<TKey, TStored>>();
        if (order.Count == 0 || OrderedKey<TKey>.Comparer.Compare(first, order.Max) > 0)
            return found;

        foreach (var key in order.GetViewBetween(first, order.Max))
        {
            if (!key.Bytes.AsSpan().StartsWith(first.Bytes))
                break;
            found.Add(new(key.Key, _entries[key.Key]));
        }

        return found;
    }

    public void Restore(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value, bool hasValue, long timestamp)
    {
        var restored = _keySerde.Deserialize(key);
        if (hasValue)
            Set(restored, _values.Read(value, timestamp));
        else
            Remove(restored);
    }

    public void Flush()
    {
    }

    public void Close()
    {
        _entries.Clear();
        _order = null;
    }

    private SortedSet<OrderedKey<TKey>> Order
    {
        get
        {
            if (_order is null)
            {
                _order = new(OrderedKey<TKey>.Comparer);
                foreach (var key in _entries.Keys)
                    _order.Add(OrderedKey<TKey>.Of(key, _keySerde, _scratch));
            }

            return _order;
        }
    }

    private void Set(TKey key, TStored value)
    {
        _entries[key] = value;
        if (_order is { } order && order.Count != _entries.Count)
            order.Add(OrderedKey<TKey>.Of(key, _keySerde, _scratch));
    }

    private bool Remove(TKey key)
    {
        if (!_entries.Remove(key))
            return false;

        _order?.Remove(OrderedKey<TKey>.Of(key, _keySerde, _scratch));
        return true;
    }

    private SortedSet<OrderedKey<TKey>> View(TKey? from, TKey? to)
    {
        var order = Order;
        if (order.Count == 0)
            return order;

        var lower = from is null ? order.Min : OrderedKey<TKey>.Of(from, _keySerde, _scratch);
        var upper = to is null ? order.Max : OrderedKey<TKey>.Of(to, _keySerde, _scratch);
        return OrderedKey<TKey>.Comparer.Compare(lower, upper) > 0 ? [] : order.GetViewBetween(lower, upper);
    }

    private KeyValue<TKey, TStored>[] Snapshot(SortedSet<OrderedKey<TKey>> keys, bool reverse)
    {
        var snapshot = new KeyValue<TKey, TStored>[keys.Count];
        var i = 0;
        foreach (var key in keys)
            snapshot[i++] = new(key.Key, _entries[key.Key]);
        if (reverse)
            Array.Reverse(snapshot);
        return snapshot;
    }
}

internal sealed class InMemoryTimestampedKeyValueStore<TKey, TValue>(KeyValueStoreSpec<TKey, ValueAndTimestamp<TValue>> spec)
    : InMemoryKeyValueStore<TKey, ValueAndTimestamp<TValue>>(spec), ITimestampedKeyValueStore<TKey, TValue>;
