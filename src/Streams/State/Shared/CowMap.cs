using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;

namespace Streams.State;

/// <summary>
/// A hash table that can be kept as it is in no time: <see cref="Fork"/> makes the table to write from now on, and the one before never changes again, for
/// any number of readers without a lock. See <see cref="CowArray{T}"/>.
/// </summary>
/// <remarks>One writer. An entry keeps its place, its slot, until it is removed, so entries can also be walked a few at a time while others come and go.</remarks>
internal sealed class CowMap<TKey, TValue>
{
    private readonly IEqualityComparer<TKey>? _comparer;
    private CowArray<int> _buckets;
    private readonly CowArray<Entry> _entries;
    private int _mask;
    private int _free = -1;

    /// <param name="comparer">When keys are the same; null for the type's own equality.</param>
    public CowMap(IEqualityComparer<TKey>? comparer)
    {
        // Only value types are faster without: their own equality is then compiled in.
        _comparer = comparer ?? (typeof(TKey).IsValueType ? null : EqualityComparer<TKey>.Default);
        _entries = new();
        _buckets = new();
        _buckets.Grow(4);
        _mask = 3;
    }

    private CowMap(CowMap<TKey, TValue> before)
    {
        _comparer = before._comparer;
        _entries = before._entries.Fork();
        _buckets = before._buckets.Fork();
        (_mask, _free, Count, Slots) = (before._mask, before._free, before.Count, before.Slots);
    }

    public int Count { get; private set; }

    /// <summary>Slots that are or were in use: those of all entries are below it.</summary>
    public int Slots { get; private set; }

    public bool IsForked => _entries.IsForked;

    /// <summary>The table to write from now on; this one stays as it is.</summary>
    public CowMap<TKey, TValue> Fork() => new(this);

    public bool ContainsKey(TKey key) => Find(key) >= 0;

    /// <summary>A key's slot; -1 where it has none.</summary>
    public int Find(TKey key) => Find(key, Hash(key));

    public bool TryGetValue(TKey key, [MaybeNullWhen(false)] out TValue value)
    {
        var slot = Find(key);
        value = slot < 0 ? default : _entries[slot].Value;
        return slot >= 0;
    }

    /// <summary>Sets a key's value.</summary>
    /// <returns>The slot of a new entry; -1 where the key was there.</returns>
    public int Set(TKey key, TValue value)
    {
        var hash = Hash(key);
        var slot = Find(key, hash);
        if (slot >= 0)
        {
            _entries.ToWrite(slot).Value = value;
            return -1;
        }

        if (_free >= 0)
        {
            slot = _free;
            _free = _entries[slot].NextFree;
        }
        else
        {
            slot = Slots++;
            if (slot == _entries.Length)
                _entries.Grow(slot + 1);
            if (slot > _mask)
                Rehash();
        }

        ref var bucket = ref _buckets.ToWrite((int)hash & _mask);
        _entries.ToWrite(slot) = new Entry { Key = key, Value = value, Hash = hash, Next = bucket - 1 };
        bucket = slot + 1;
        Count++;
        return slot;
    }

    /// <summary>Removes a key's entry.</summary>
    /// <returns>The slot that it had; -1 where there was none.</returns>
    public int Remove(TKey key)
    {
        var hash = Hash(key);
        var before = -1;
        for (var slot = _buckets[(int)hash & _mask] - 1; slot >= 0; (before, slot) = (slot, _entries[slot].Next))
        {
            ref readonly var entry = ref _entries[slot];
            if (entry.Hash != hash || !Same(entry.Key, key))
                continue;

            if (before < 0)
                _buckets.ToWrite((int)hash & _mask) = entry.Next + 1;
            else
                _entries.ToWrite(before).Next = entry.Next;
            _entries.ToWrite(slot) = Entry.Free(_free);
            _free = slot;
            Count--;
            return slot;
        }

        return -1;
    }

    /// <summary>The entry in a slot; false where the slot is not in use.</summary>
    public bool TryGetSlot(int slot, [MaybeNullWhen(false)] out TKey key, [MaybeNullWhen(false)] out TValue value)
    {
        ref readonly var entry = ref _entries[slot];
        (key, value) = (entry.Key, entry.Value);
        return entry.IsUsed;
    }

    /// <summary>All entries, in no order. Entries may be removed and their values set while they are walked, but none may come.</summary>
    public Enumerator GetEnumerator() => new(this);


    private int Find(TKey key, uint hash)
    {
        for (var slot = _buckets[(int)hash & _mask] - 1; slot >= 0;)
        {
            ref readonly var entry = ref _entries[slot];
            if (entry.Hash == hash && Same(entry.Key, key))
                return slot;
            slot = entry.Next;
        }

        return -1;
    }

    // Spread, for numbers are their own hash codes, and a table of a power of two only looks at the lowest bits.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private uint Hash(TKey key)
    {
        var hash = typeof(TKey).IsValueType && _comparer is null ? EqualityComparer<TKey>.Default.GetHashCode(key!) : _comparer!.GetHashCode(key!);
        var spread = (uint)hash * 0x9E37_79B9U;
        return spread ^ (spread >> 15);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private bool Same(TKey x, TKey y) =>
        typeof(TKey).IsValueType && _comparer is null ? EqualityComparer<TKey>.Default.Equals(x, y) : _comparer!.Equals(x, y);

    /// <summary>Doubles the buckets. Those before stay with whoever keeps a table of before, and so do the entries with their links.</summary>
    private void Rehash()
    {
        _mask = (_mask << 1) | 1;
        _buckets = new();
        _buckets.Grow(_mask + 1);
        for (var slot = 0; slot < Slots - 1; slot++)
        {
            if (!_entries[slot].IsUsed)
                continue;

            ref var entry = ref _entries.ToWrite(slot);
            ref var bucket = ref _buckets.ToWrite((int)entry.Hash & _mask);
            entry.Next = bucket - 1;
            bucket = slot + 1;
        }
    }

    public struct Enumerator(CowMap<TKey, TValue> map)
    {
        private int _slot = -1;

        public readonly KeyValue<TKey, TValue> Current => new(map._entries[_slot].Key, map._entries[_slot].Value);

        public bool MoveNext()
        {
            while (++_slot < map.Slots)
            {
                if (map._entries[_slot].IsUsed)
                    return true;
            }

            return false;
        }
    }

    private struct Entry
    {
        public TKey Key;
        public TValue Value;
        public uint Hash;

        // The slot of the next entry of the bucket, -1 for none; of a free slot the next free one, as -3 less it.
        public int Next;

        public readonly bool IsUsed => Next >= -1;

        public readonly int NextFree => -3 - Next;

        public static Entry Free(int next) => new() { Next = -3 - next };
    }
}
