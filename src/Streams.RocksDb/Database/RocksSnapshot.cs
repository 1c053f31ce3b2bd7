using Streams.RocksDb.Native;

namespace Streams.RocksDb.Database;

/// <summary>The database as of one moment, for any number of reads. Keeps old rows from being removed while it is held.</summary>
internal sealed class RocksSnapshot : IDisposable
{
    private readonly RocksDatabase _database;
    private readonly SnapshotHandle _handle;

    internal RocksSnapshot(RocksDatabase database, SnapshotHandle handle)
    {
        _database = database;
        _handle = handle;
    }

    internal nint Raw => _handle.IsClosed ? throw new StoreClosedException(_database.Path) : _handle.Raw;

    public void Dispose()
    {
        _database.Forget(this);
        _handle.Dispose();
    }
}
