namespace Streams.RocksDb;

/// <summary>RocksDB refused or failed; the message says what, where, and what to do.</summary>
public class RocksDbException : StreamsException
{
    internal RocksDbException(string message, string path, Exception? inner = null)
        : base(message, inner) => Path = path;

    // Damage is deleted by whoever opens the folder next; a full disk or another owner may be gone by then. No handler of records can help.
    internal override bool IsWorthANewThread => true;

    /// <summary>The folder of the database.</summary>
    public string Path { get; }
}

/// <summary>A file of the database is damaged or missing. The folder can be deleted: the store is rebuilt from its changelog.</summary>
public sealed class StoreCorruptedException : RocksDbException
{
    internal StoreCorruptedException(string path, string file, string reason)
        : base(
            $"The state in {path} is damaged, at {file}: {reason}. Delete the folder {path}; the state is then restored from its changelog.",
            path) => (File, Reason) = (file, reason);

    /// <summary>What RocksDB found.</summary>
    public string Reason { get; }

    /// <summary>The damaged file where RocksDB named it, else the folder.</summary>
    public string File { get; }
}

/// <summary>Another owner - another process, or a task that has not closed yet - has the database open.</summary>
public sealed class StoreLockedException : RocksDbException
{
    internal StoreLockedException(string path, string reason)
        : base($"The state in {path} is open elsewhere: {reason}. Stop the other instance, or give each its own state directory.", path)
    {
    }
}

/// <summary>The store is closed: its task was moved away or the application stops. Ask for the store again.</summary>
public sealed class StoreClosedException : RocksDbException
{
    internal StoreClosedException(string path)
        : base($"The store is closed (its state is in {path}): its task has moved or is stopping. Ask the application for the store again.", path)
    {
    }
}
