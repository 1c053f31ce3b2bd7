using System.Diagnostics.CodeAnalysis;

namespace Streams.State;

/// <summary>
/// A store's values by key in memory, as they are and as snapshots. Keys are put in order of their bytes when someone first reads in order; from then on
/// the order is kept up, so a store that is only asked by key never pays for it.
/// </summary>
internal sealed class KeyedEntries<TKey, TStored>(ISerde<TKey> keySerde)
{
    // A part of putting keys in order: well below a millisecond.
    private const int OrderedAtOnce = 500;

    private readonly RecordBuffer _scratch = new();
    private CowMap<TKey, TStored> _entries = new(KeyEquality.For(keySerde));

    // Holds the keys of the slots below _orderedTo.
    private CowSorted<SlotKey, SlotKey.ByBytes>? _order;
    private int _orderedTo;

    public int Count => _entries.Count;

    /// <summary>The entries in order, to be read before the next change.</summary>
    public KeyedSnapshot<TKey, TStored> Now
    {
        get
        {
            while (!GetReady())
            {
            }

            return new(_entries, _order!, keySerde, _scratch);
        }
    }

    public bool TryGet(TKey key, [MaybeNullWhen(false)] out TStored value) => _entries.TryGetValue(key, out value);

    /// <summary>Where a key's entry is until it is removed; -1 where there is none.</summary>
    public int Find(TKey key) => _entries.Find(key);

    /// <summary>Sets a key's value.</summary>
    /// <returns>The slot of a new entry; -1 where the key was there.</returns>
    public int Set(TKey key, TStored value)
    {
        var slot = _entries.Set(key, value);
        if (slot >= 0 && _order is not null && slot <= _orderedTo)
            PutInOrder(key, slot);
        return slot;
    }

    /// <summary>Removes a key's entry.</summary>
    /// <returns>The slot that it had; -1 where there was none.</returns>
    public int Remove(TKey key)
    {
        var slot = _entries.Remove(key);
        if (slot >= 0 && slot < _orderedTo)
            _order!.Remove(new(OrderedKey<TKey>.Of(key, keySerde, _scratch).Bytes, slot));
        return slot;
    }

    /// <summary>Puts some more keys in order; true when all are.</summary>
    public bool GetReady()
    {
        _order ??= new();
        var end = Math.Min(_entries.Slots, _orderedTo + OrderedAtOnce);
        while (_orderedTo < end)
        {
            if (_entries.TryGetSlot(_orderedTo, out var key, out _))
                PutInOrder(key, _orderedTo);
            else
                _orderedTo++;
        }

        return _orderedTo == _entries.Slots;
    }

    /// <summary>The entries as they are now, for as long as anyone wants. <see cref="GetReady"/> has said that all is ready.</summary>
    public KeyedSnapshot<TKey, TStored> Snapshot()
    {
        var snapshot = new KeyedSnapshot<TKey, TStored>(_entries, _order!, keySerde, new());
        (_entries, _order) = (_entries.Fork(), _order!.Fork());
        return snapshot;
    }

    public void Clear()
    {
        _entries = new(KeyEquality.For(keySerde));
        (_order, _orderedTo) = (null, 0);
    }

    private void PutInOrder(TKey key, int slot)
    {
        _order!.Set(new(OrderedKey<TKey>.Of(key, keySerde, _scratch).Bytes, slot));
        if (slot == _orderedTo)
            _orderedTo++;
    }
}

/// <summary>A key's bytes, and where its entry is.</summary>
internal readonly record struct SlotKey(byte[] Bytes, int Slot)
{
    public readonly struct ByBytes : IComparer<SlotKey>
    {
        public int Compare(SlotKey x, SlotKey y) => x.Bytes.AsSpan().SequenceCompareTo(y.Bytes);
    }
}
