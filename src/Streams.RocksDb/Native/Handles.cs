using System.Runtime.InteropServices;

namespace Streams.RocksDb.Native;

/// <summary>One native object and its owner. Calls pass <see cref="Raw"/> where something else keeps the object alive meanwhile.</summary>
internal abstract class RocksHandle : SafeHandle
{
    protected RocksHandle(nint value)
        : base(0, ownsHandle: true) => SetHandle(value);

    public override bool IsInvalid => handle == 0;

    /// <summary>The pointer, without counting its use.</summary>
    public nint Raw => handle;
}

/// <summary>A database. Its column families, iterators and snapshots count as uses of it, so it closes last whatever order they go in.</summary>
internal sealed class DatabaseHandle(nint value) : RocksHandle(value)
{
    protected override bool ReleaseHandle()
    {
        DatabaseCalls.Close(handle);
        return true;
    }
}

/// <summary>What must be destroyed before its database is.</summary>
internal abstract class DatabaseChildHandle : RocksHandle
{
    private readonly DatabaseHandle _database;

    protected DatabaseChildHandle(DatabaseHandle database, nint value)
        : base(value)
    {
        _database = database;
        var counted = false;
        database.DangerousAddRef(ref counted);
    }

    protected nint Database => _database.Raw;

    protected abstract void Destroy();

    protected sealed override bool ReleaseHandle()
    {
        Destroy();
        _database.DangerousRelease();
        return true;
    }
}

/// <summary>A column family of an open database.</summary>
internal sealed class ColumnFamilyHandle(DatabaseHandle database, nint value) : DatabaseChildHandle(database, value)
{
    protected override void Destroy() => DatabaseCalls.DestroyFamilyHandle(handle);
}

/// <summary>A point in time of an open database.</summary>
internal sealed class SnapshotHandle(DatabaseHandle database, nint value) : DatabaseChildHandle(database, value)
{
    protected override void Destroy() => DatabaseCalls.ReleaseSnapshot(Database, handle);
}

/// <summary>An iterator with what it points into: its read options, and the bounds, which RocksDB does not copy.</summary>
internal sealed class IteratorHandle(DatabaseHandle database, nint value, nint readOptions, nint bounds, int boundsBytes)
    : DatabaseChildHandle(database, value)
{
    private nint _bounds = bounds;
    private int _boundsBytes = boundsBytes;

    /// <summary>
    /// Gives an iterator that was made with both bounds two others, for its next seek. RocksDB's iterator points to the read options' bounds and looks at
    /// them when it seeks, so that they may change between two walks.
    /// </summary>
    public unsafe void SetBounds(ReadOnlySpan<byte> from, ReadOnlySpan<byte> to)
    {
        var bytes = from.Length + to.Length;
        if (bytes > _boundsBytes)
        {
            _bounds = (nint)NativeMemory.Realloc((void*)_bounds, (nuint)(2 * bytes));
            _boundsBytes = 2 * bytes;
        }

        var start = (byte*)_bounds;
        from.CopyTo(new Span<byte>(start, from.Length));
        to.CopyTo(new Span<byte>(start + from.Length, to.Length));
        IteratorCalls.SetLowerBound(readOptions, start, (nuint)from.Length);
        IteratorCalls.SetUpperBound(readOptions, start + from.Length, (nuint)to.Length);
    }

    protected override unsafe void Destroy()
    {
        IteratorCalls.Destroy(handle);
        IteratorCalls.DestroyReadOptions(readOptions);
        NativeMemory.Free((void*)_bounds);
    }
}

/// <summary>Writes that become visible together.</summary>
internal sealed class WriteBatchHandle() : RocksHandle(BatchCalls.Create())
{
    protected override bool ReleaseHandle()
    {
        BatchCalls.Destroy(handle);
        return true;
    }
}

/// <summary>Options of a database or a column family.</summary>
internal sealed class OptionsHandle() : RocksHandle(OptionsCalls.Create())
{
    protected override bool ReleaseHandle()
    {
        OptionsCalls.Destroy(handle);
        return true;
    }
}

/// <summary>How table files are written and read; one for any number of column families.</summary>
internal sealed class TableOptionsHandle() : RocksHandle(OptionsCalls.CreateTable())
{
    protected override bool ReleaseHandle()
    {
        OptionsCalls.DestroyTable(handle);
        return true;
    }
}

/// <summary>Our share of a block cache; databases that use it hold shares of their own.</summary>
internal sealed class CacheHandle(nuint bytes) : RocksHandle(OptionsCalls.CreateCache(bytes))
{
    protected override bool ReleaseHandle()
    {
        OptionsCalls.DestroyCache(handle);
        return true;
    }
}

/// <summary>Our share of a write buffer manager, from RocksDB 8.9 on.</summary>
internal sealed class WriteBufferManagerHandle(nuint bytes, CacheHandle cache)
    : RocksHandle(LaterFunctions.CreateWriteBufferManager(bytes, cache.Raw, stall: false))
{
    protected override bool ReleaseHandle()
    {
        LaterFunctions.DestroyWriteBufferManager(handle);
        return true;
    }
}

/// <summary>How reads are done: the defaults.</summary>
internal sealed class ReadOptionsHandle() : RocksHandle(IteratorCalls.CreateReadOptions())
{
    protected override bool ReleaseHandle()
    {
        IteratorCalls.DestroyReadOptions(handle);
        return true;
    }
}

/// <summary>How writes are done: without a write-ahead log, since the changelog is one.</summary>
internal sealed class WriteOptionsHandle : RocksHandle
{
    public WriteOptionsHandle()
        : base(BatchCalls.CreateWriteOptions()) => BatchCalls.DisableLog(handle, 1);

    protected override bool ReleaseHandle()
    {
        BatchCalls.DestroyWriteOptions(handle);
        return true;
    }
}
