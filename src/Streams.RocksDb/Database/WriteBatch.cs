using Streams.RocksDb.Native;

namespace Streams.RocksDb.Database;

/// <summary>What one commit writes: rows of any store of the task, changelog offsets, position. All of it becomes visible, and durable, together.</summary>
/// <remarks>For one thread at a time. Reused: <see cref="RocksDatabase.Commit"/> leaves it empty.</remarks>
internal sealed unsafe class WriteBatch : IDisposable
{
    private readonly WriteBatchHandle _handle = new();
    private readonly HashSet<ColumnFamily> _families = [];
    private ColumnFamily? _last;

    public int Count { get; private set; }

    internal nint Raw => _handle.Raw;

    /// <summary>Families that the batch writes to.</summary>
    internal IReadOnlyCollection<ColumnFamily> Families => _families;

    public void Put(ColumnFamily family, ReadOnlySpan<byte> key, ReadOnlySpan<byte> value)
    {
        Count++;
        fixed (byte* k = key, v = value)
            BatchCalls.Put(Raw, Use(family), k, (nuint)key.Length, v, (nuint)value.Length);
    }

    public void Delete(ColumnFamily family, ReadOnlySpan<byte> key)
    {
        Count++;
        fixed (byte* k = key)
            BatchCalls.Delete(Raw, Use(family), k, (nuint)key.Length);
    }

    /// <summary>Deletes the keys from <paramref name="from"/> on and below <paramref name="to"/>.</summary>
    public void DeleteRange(ColumnFamily family, ReadOnlySpan<byte> from, ReadOnlySpan<byte> to)
    {
        // RocksDB takes a reversed range into the batch, fails the write, and then fails every later one.
        var order = from.SequenceCompareTo(to);
        if (order > 0)
            throw new ArgumentException($"The range to delete from '{family.Name}' ends before it starts.", nameof(to));
        if (order == 0)
            return;

        Count++;
        fixed (byte* f = from, t = to)
            BatchCalls.DeleteRange(Raw, Use(family), f, (nuint)from.Length, t, (nuint)to.Length);
    }

    public void Clear()
    {
        BatchCalls.Clear(Raw);
        _families.Clear();
        _last = null;
        Count = 0;
    }

    public void Dispose() => _handle.Dispose();

    private nint Use(ColumnFamily family)
    {
        if (!ReferenceEquals(family, _last))
        {
            _families.Add(family);
            _last = family;
        }

        return family.RawToWrite;
    }
}
