using Streams.Processing;

namespace Streams.State;

/// <summary>
/// What a suppression holds back: of each key the latest change, by the time of the first. Lives in memory; its changelog gets what changed, once
/// a commit.
/// </summary>
internal sealed class SuppressionBuffer<TKey, TValue>(string name, ISerde<TKey> keySerde, ISerde<TValue> valueSerde, bool countsBytes)
    : IStateStore, IRestorable, ICountable
{
    private readonly Dictionary<TKey, BufferedChange<TKey, TValue>> _byKey = new(KeyEquality.For(keySerde));
    private readonly PriorityQueue<BufferedChange<TKey, TValue>, BufferedChange<TKey, TValue>> _byTime =
        new(BufferedChange<TKey, TValue>.ByTimeThenKey);

    private readonly BufferedChangeFormat<TValue> _format = new(valueSerde);
    private readonly RecordBuffer _scratch = new();
    private readonly List<(TKey Key, byte[] Bytes)> _dirty = [];
    private readonly HashSet<TKey> _dirtyKeys = new(KeyEquality.For(keySerde));
    private readonly JavaHashOrder _changelogOrder = new();
    private Changelog? _changelog;

    public string Name => name;

    public long EntryCount => _byKey.Count;

    /// <summary>Bytes that the entries take, as Kafka Streams counts them; zero where there is no limit on them.</summary>
    public long Bytes { get; private set; }

    /// <summary>The entry of the least time, of the least key among equals; null where nothing waits.</summary>
    public BufferedChange<TKey, TValue>? Oldest
    {
        get
        {
            while (_byTime.TryPeek(out var entry, out _))
            {
                if (!entry.IsGone)
                    return entry;
                _byTime.Dequeue();
            }

            return null;
        }
    }

    public void Init(StateStoreContext context) => _changelog = context.Changelog;

    /// <summary>Puts a change in place of the one that waits for its key, or at <paramref name="time"/> where none does.</summary>
    public void Put(TKey key, in Change<TValue> change, long time, in RecordContext context)
    {
        if (!_byKey.TryGetValue(key, out var entry))
        {
            entry = new(key, OrderedKey<TKey>.Of(key, keySerde, _scratch).Bytes, time) { Prior = change.Old, HasPrior = change.HasOld };
            Add(entry);
        }

        entry.Change = change;
        entry.Context = context;
        Weigh(entry);
        MarkDirty(entry);
    }

    /// <summary>Takes away the oldest entry.</summary>
    public void RemoveOldest()
    {
        if (Oldest is not { } entry)
            return;

        _byTime.Dequeue();
        _byKey.Remove(entry.Key);
        Bytes -= entry.Size;
        entry.IsDirty = false;
        MarkDirty(entry);
    }

    /// <summary>What downstream knows of a key that waits; false where none of its changes does.</summary>
    public bool TryGetPrior(TKey key, out TValue? prior, out bool hasPrior)
    {
        (prior, hasPrior) = (default, false);
        if (!_byKey.TryGetValue(key, out var entry))
            return false;

        (prior, hasPrior) = (entry.Prior, entry.HasPrior);
        return true;
    }

    public void Flush()
    {
        if (_changelog is not { } changelog || _dirty.Count == 0)
            return;

        _changelogOrder.Sort(_dirty, d => d.Bytes);
        foreach (var (key, bytes) in _dirty)
        {
            var buffer = changelog.Buffer;
            buffer.Clear();
            bytes.CopyTo(buffer.GetSpan(bytes.Length));
            buffer.Advance(bytes.Length);

            // As in Kafka Streams these records take their time from the producer: the change's own is in the value.
            if (_byKey.TryGetValue(key, out var entry))
            {
                _format.Write(entry, buffer);
                changelog.Put(bytes.Length, null, BufferedChangeFormat<TValue>.Headers);
                entry.IsDirty = false;
            }
            else
            {
                changelog.Delete(bytes.Length, null);
            }
        }

        _dirty.Clear();
        _dirtyKeys.Clear();
    }

    public void Restore(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value, bool hasValue, long timestamp)
    {
        var restoredKey = keySerde.Deserialize(key);
        if (!hasValue)
        {
            if (_byKey.Remove(restoredKey, out var gone))
            {
                gone.IsGone = true;
                Bytes -= gone.Size;
            }

            return;
        }

        var restored = _format.Read(restoredKey, key.ToArray(), value);
        if (_byKey.TryGetValue(restoredKey, out var entry))
            (entry.Prior, entry.HasPrior, entry.Change, entry.Context) = (restored.Prior, restored.HasPrior, restored.Change, restored.Context);
        else
            Add(entry = restored);
        Weigh(entry);
    }

    public void Close()
    {
        _byKey.Clear();
        _byTime.Clear();
        _dirty.Clear();
        _dirtyKeys.Clear();
        Bytes = 0;
    }

    private void Add(BufferedChange<TKey, TValue> entry)
    {
        _byKey.Add(entry.Key, entry);
        _byTime.Enqueue(entry, entry);
    }

    private void Weigh(BufferedChange<TKey, TValue> entry)
    {
        if (!countsBytes)
            return;

        Bytes -= entry.Size;
        entry.Size = _format.Size(entry, _scratch);
        Bytes += entry.Size;
    }

    private void MarkDirty(BufferedChange<TKey, TValue> entry)
    {
        if (_changelog is null || entry.IsDirty)
            return;

        entry.IsDirty = true;
        if (_dirtyKeys.Add(entry.Key))
            _dirty.Add((entry.Key, entry.KeyBytes));
    }
}
