using System.Diagnostics.CodeAnalysis;

namespace Streams.State;

/// <summary>
/// Values as objects in a hash table. Keys are put in order of their bytes when someone first reads in order; from then on the order is kept
/// up, so a store that is only asked by key never pays for it.
/// </summary>
internal class InMemoryKeyValueStore<TKey, TStored>(string name, ISerde<TKey> keySerde, StoredValue<TStored> values)
    : IKeyValueStore<TKey, TStored>, IRestorable, ICountable
{
    private readonly Dictionary<TKey, TStored> _entries = new(KeyEquality.For(keySerde));
    private readonly RecordBuffer _scratch = new();
    private SortedSet<OrderedKey<TKey>>? _order;
    private StateStoreContext? _context;
    private Changelog? _changelog;

    public string Name => name;

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
        if (values.IsAbsent(in value))
        {
            Delete(key);
            return;
        }

        Set(key, value);
        if (_changelog is { } changelog)
        {
            var buffer = changelog.Buffer;
            buffer.Clear();
            keySerde.Serialize(key, buffer);
            var keyLength = buffer.Length;
            var timestamp = values.Write(in value, _context!.Task.Timestamp, buffer);
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
            keySerde.Serialize(key, changelog.Buffer);
            changelog.Delete(changelog.Buffer.Length, _context!.Task.Timestamp);
        }

        return existed;
    }

    public IEnumerable<KeyValue<TKey, TStored>> All() => Snapshot(Order, reverse: false);

    public IEnumerable<KeyValue<TKey, TStored>> ReverseAll() => Snapshot(Order, reverse: true);

    public IEnumerable<KeyValue<TKey, TStored>> Range(TKey? from, TKey? to) => Snapshot(View(from, to), reverse: false);

    public IEnumerable<KeyValue<TKey, TStored>> ReverseRange(TKey? from, TKey? to) => Snapshot(View(from, to), reverse: true);

    public void Restore(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value, bool hasValue, long timestamp)
    {
        var restored = keySerde.Deserialize(key);
        if (hasValue)
            Set(restored, values.Read(value, timestamp));
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
                    _order.Add(OrderedKey<TKey>.Of(key, keySerde, _scratch));
            }

            return _order;
        }
    }

    private void Set(TKey key, TStored value)
    {
        _entries[key] = value;
        if (_order is { } order && order.Count != _entries.Count)
            order.Add(OrderedKey<TKey>.Of(key, keySerde, _scratch));
    }

    private bool Remove(TKey key)
    {
        if (!_entries.Remove(key))
            return false;

        _order?.Remove(OrderedKey<TKey>.Of(key, keySerde, _scratch));
        return true;
    }

    private SortedSet<OrderedKey<TKey>> View(TKey? from, TKey? to)
    {
        var order = Order;
        if (order.Count == 0)
            return order;

        var lower = from is null ? order.Min : OrderedKey<TKey>.Of(from, keySerde, _scratch);
        var upper = to is null ? order.Max : OrderedKey<TKey>.Of(to, keySerde, _scratch);
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

internal sealed class InMemoryTimestampedKeyValueStore<TKey, TValue>(string name, ISerde<TKey> keySerde, ISerde<TValue> valueSerde)
    : InMemoryKeyValueStore<TKey, ValueAndTimestamp<TValue>>(name, keySerde, new TimestampedValue<TValue>(valueSerde)),
      ITimestampedKeyValueStore<TKey, TValue>;
