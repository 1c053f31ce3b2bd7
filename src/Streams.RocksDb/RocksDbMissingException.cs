namespace Streams.RocksDb;

/// <summary>This system has no RocksDB. Thrown when stores on it are asked for; stores in memory need none.</summary>
public sealed class RocksDbMissingException : StreamsException
{
    internal RocksDbMissingException(IReadOnlyList<string> names)
        : base(
            $"Persistent stores need the RocksDB library, and this system has none (tried {string.Join(", ", names)}). Install it - " +
            "Debian 12: apt-get install librocksdb7.8; Ubuntu 24.04: librocksdb8.9; Debian 13, Ubuntu 25.10: librocksdb9.10; " +
            "Alpine: apk add rocksdb; macOS: brew install rocksdb; Windows: vcpkg install rocksdb - or use stores in memory, which need no library.") =>
        NamesTried = names;

    /// <summary>The file names that were tried, in order.</summary>
    public IReadOnlyList<string> NamesTried { get; }
}
