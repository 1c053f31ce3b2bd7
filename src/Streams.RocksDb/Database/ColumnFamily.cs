using Streams.RocksDb.Native;

namespace Streams.RocksDb.Database;

/// <summary>One store's rows within its task's database.</summary>
internal sealed class ColumnFamily(string name, ColumnFamilyHandle handle)
{
    private volatile bool _isDropped;

    public string Name => name;

    internal ColumnFamilyHandle Handle => handle;

    internal bool IsDropped => _isDropped;

    // A write to a dropped family would make every later write to the database fail, so we look before RocksDB does.
    internal nint RawToWrite => _isDropped ? throw new InvalidOperationException($"The column family '{name}' has been dropped.") : handle.Raw;

    internal void MarkDropped() => _isDropped = true;
}
