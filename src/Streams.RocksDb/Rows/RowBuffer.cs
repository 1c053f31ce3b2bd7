using System.Diagnostics;

namespace Streams.RocksDb.Rows;

/// <summary>
/// One store's rows that RocksDB does not have yet: those written since the last commit, which an abort takes back, and those of earlier commits
/// that wait to be written in one batch.
/// </summary>
/// <remarks>
/// A hash table over the keys' bytes. Each entry keeps the value of the last commit beside the newest one, so that a commit is free, an abort is one
/// swap for each row written since, and writing a key again and again takes no new room. Keys and values lie in slabs.
/// </remarks>
/// <param name="entriesAtFirst">Entries to have room for at first: a power of two.</param>
internal sealed class RowBuffer(int entriesAtFirst = RowBuffer.EntriesAtFirst)
{
    // What an entry costs beside its bytes: its place in the table and in the order.
    private const int EntryOverhead = 110;
    private const int EntriesAtFirst = 256;

    // A part of putting entries in order: well below a millisecond.
    private const int OrderedAtOnce = 500;

    private int[] _buckets = new int[entriesAtFirst];
    private Entry[] _entries = new Entry[entriesAtFirst];
    private readonly RowSlabs _slabs = new();
    private int[] _touched = new int[64];
    private int[] _sorted = [];
    private int _touchedCount;
    private int _count;
    private int _epoch = 1;
    private RowOrder? _order;

    // Being made: holds the entries below _ordered.
    private RowOrder? _orderToBe;
    private int _ordered;

    // Whoever reads the rows as they were. Null while nobody does: that is all that a write looks at.
    private List<BufferSnapshot>? _snapshots;

    internal enum RowState : byte
    {
        /// <summary>The buffer knows nothing of the key: RocksDB does.</summary>
        Unknown,
        Deleted,
        Present,
    }

    /// <summary>What the buffer holds in memory, roughly.</summary>
    public long Bytes { get; private set; }

    /// <summary>Entries, those that an abort has emptied among them.</summary>
    public int Count => _count;

    /// <summary>Whether rows were written since the last commit.</summary>
    public bool HasUncommitted => _touchedCount > 0;

    /// <summary>Whether someone reads the rows as they were: then they are not to be cleared, but left.</summary>
    public bool HasSnapshots => _snapshots is not null;

    public RowState Find(ReadOnlySpan<byte> key, out ReadOnlySpan<byte> value)
    {
        var at = IndexOf(key, Hash(key));
        if (at < 0)
        {
            value = default;
            return RowState.Unknown;
        }

        ref readonly var entry = ref _entries[at];
        value = entry.Bytes;
        return entry.State;
    }

    /// <summary>Sets a row, and returns where its value of <paramref name="length"/> bytes is to be written.</summary>
    public Span<byte> Put(ReadOnlySpan<byte> key, int length)
    {
        ref var entry = ref Touch(key);
        entry.BeganWithAPut |= entry.State == RowState.Unknown;
        if (entry.Value.Length < length)
        {
            Bytes += length;
            entry.Value = _slabs.Take(length);
        }

        entry.Length = length;
        entry.State = RowState.Present;
        return entry.Value.First(length);
    }

    public void Delete(ReadOnlySpan<byte> key)
    {
        ref var entry = ref Touch(key);
        entry.Length = 0;
        entry.State = RowState.Deleted;
    }

    /// <summary>What was written since the last commit stays.</summary>
    public void Commit()
    {
        _touchedCount = 0;
        _epoch++;
    }

    /// <summary>What was written since the last commit is taken back.</summary>
    public void Abort()
    {
        for (var i = 0; i < _touchedCount; i++)
        {
            KeepForSnapshots(_touched[i]);
            _entries[_touched[i]].TakeBack();
        }

        Commit();
    }

    /// <summary>Forgets all rows: RocksDB has them now.</summary>
    public void Clear()
    {
        Debug.Assert(!HasUncommitted, "Rows that are not committed would be lost.");
        Debug.Assert(!HasSnapshots, "Rows would be lost to whoever reads them.");
        Array.Clear(_buckets);
        Array.Clear(_entries, 0, _count);
        _count = 0;
        Bytes = 0;
        _order?.Clear();
        (_orderToBe, _ordered) = (null, 0);
        _slabs.Clear();
    }

    public ReadOnlySpan<byte> Key(int index) => _entries[index].Key.First(_entries[index].Key.Length);

    public ReadOnlySpan<byte> Value(int index) => _entries[index].Bytes;

    public RowState State(int index) => _entries[index].State;

    /// <summary>Whether the row was put before it was ever deleted here: most often it is one that RocksDB has never had.</summary>
    public bool BeganWithAPut(int index) => _entries[index].BeganWithAPut;

    /// <summary>All entries by their keys' bytes. Good until a row is written.</summary>
    public ReadOnlySpan<int> InOrder()
    {
        if (_sorted.Length < _count)
            _sorted = new int[_entries.Length];
        var sorted = _sorted.AsSpan(0, _count);
        if (_order is not null)
        {
            var at = _order.FirstFrom(default);
            for (var i = 0; i < sorted.Length; at = _order.Next(at))
                sorted[i++] = at;
            return sorted;
        }

        for (var i = 0; i < sorted.Length; i++)
            sorted[i] = i;
        sorted.Sort(new ByKey(this));
        return sorted;
    }

    /// <summary>The first entry whose key is <paramref name="key"/> or follows it; -1 where there is none.</summary>
    public int FirstFrom(ReadOnlySpan<byte> key) => Order.FirstFrom(key);

    /// <summary>The last entry of all; -1 where there is none.</summary>
    public int Last => Order.Last;

    /// <summary>The last entry whose key is below <paramref name="key"/>; -1 where there is none.</summary>
    public int LastBefore(ReadOnlySpan<byte> key) => Order.LastBefore(key);

    public int Next(int index) => Order.Next(index);

    /// <summary>The rows as they are now, until it is closed. <see cref="GetReady"/> has said that all is ready.</summary>
    public BufferSnapshot Snapshot()
    {
        var snapshot = new BufferSnapshot(this);
        (_snapshots ??= []).Add(snapshot);
        return snapshot;
    }

    public void Forget(BufferSnapshot snapshot)
    {
        _snapshots?.Remove(snapshot);
        if (_snapshots?.Count == 0)
            _snapshots = null;
    }

    /// <summary>Puts some more entries in order; true when all are. The order is kept up from then on: stores that are only asked by key never pay for it.</summary>
    public bool GetReady()
    {
        if (_order is not null)
            return true;

        _orderToBe ??= new RowOrder(this);
        for (var end = Math.Min(_count, _ordered + OrderedAtOnce); _ordered < end; _ordered++)
            _orderToBe.Add(_ordered);
        if (_ordered < _count)
            return false;

        (_order, _orderToBe) = (_orderToBe, null);
        return true;
    }

    /// <summary>The index of a key's entry; -1 where it has none.</summary>
    public int IndexOf(ReadOnlySpan<byte> key) => IndexOf(key, Hash(key));

    private RowOrder Order
    {
        get
        {
            while (!GetReady())
            {
            }

            return _order!;
        }
    }

    private void KeepForSnapshots(int at)
    {
        if (_snapshots is null)
            return;

        foreach (var snapshot in _snapshots)
            snapshot.Keep(at, _entries[at].State, _entries[at].Bytes);
    }

    private ref Entry Touch(ReadOnlySpan<byte> key)
    {
        var hash = Hash(key);
        var at = IndexOf(key, hash);
        if (at < 0)
            at = Add(key, hash);
        else if (_snapshots is not null)
            KeepForSnapshots(at);

        ref var entry = ref _entries[at];
        if (entry.Epoch == _epoch)
            return ref entry;

        entry.Epoch = _epoch;
        entry.SetAside();
        if (_touchedCount == _touched.Length)
            Array.Resize(ref _touched, 2 * _touchedCount);
        _touched[_touchedCount++] = at;
        return ref entry;
    }

    private int IndexOf(ReadOnlySpan<byte> key, uint hash)
    {
        for (var at = _buckets[hash & (uint)(_buckets.Length - 1)] - 1; at >= 0; at = _entries[at].NextInBucket)
        {
            ref readonly var entry = ref _entries[at];
            if (entry.Hash == hash && key.SequenceEqual(entry.Key.First(entry.Key.Length)))
                return at;
        }

        return -1;
    }

    private int Add(ReadOnlySpan<byte> key, uint hash)
    {
        if (_count == _entries.Length)
            Grow();

        var at = _count++;
        ref var bucket = ref _buckets[hash & (uint)(_buckets.Length - 1)];
        var kept = _slabs.Take(key.Length);
        key.CopyTo(kept.First(key.Length));
        _entries[at] = new Entry { Hash = hash, Key = kept, NextInBucket = bucket - 1 };
        bucket = at + 1;
        Bytes += EntryOverhead + key.Length;
        _order?.Add(at);
        return at;
    }

    private void Grow()
    {
        Array.Resize(ref _entries, 2 * _entries.Length);
        _buckets = new int[_entries.Length];
        for (var i = 0; i < _count; i++)
        {
            ref var bucket = ref _buckets[_entries[i].Hash & (uint)(_buckets.Length - 1)];
            _entries[i].NextInBucket = bucket - 1;
            bucket = i + 1;
        }
    }

    private static uint Hash(ReadOnlySpan<byte> key)
    {
        // Eight bytes at a time, each mixed into the whole: keys differ in their middle (the record's key) or at their end (a window's start).
        var hash = 0x9E37_79B9_7F4A_7C15UL ^ (uint)key.Length;
        while (key.Length >= sizeof(ulong))
        {
            hash = (hash ^ BitConverter.ToUInt64(key)) * 0xFF51_AFD7_ED55_8CCD;
            hash ^= hash >> 32;
            key = key[sizeof(ulong)..];
        }

        foreach (var one in key)
            hash = (hash ^ one) * 0xFF51_AFD7_ED55_8CCD;
        hash ^= hash >> 29;
        hash *= 0xC4CE_B9FE_1A85_EC53;
        return (uint)(hash >> 32);
    }

    private struct Entry
    {
        public uint Hash;
        public int NextInBucket;
        public RowBytes Key;
        public RowBytes Value;
        public int Length;
        public RowState State;
        public bool BeganWithAPut;
        public int Epoch;

        // As of the last commit.
        private RowBytes _committed;
        private int _committedLength;
        private RowState _committedState;

        public readonly ReadOnlySpan<byte> Bytes => Value.First(Length);

        /// <summary>Keeps the committed value and gives the array of the one before for the next.</summary>
        public void SetAside()
        {
            (_committed, Value) = (Value, _committed);
            (_committedLength, _committedState) = (Length, State);
        }

        public void TakeBack()
        {
            (_committed, Value) = (Value, _committed);
            (Length, State) = (_committedLength, _committedState);
        }
    }

    private readonly struct ByKey(RowBuffer rows) : IComparer<int>
    {
        public int Compare(int x, int y) => rows.Key(x).SequenceCompareTo(rows.Key(y));
    }
}
