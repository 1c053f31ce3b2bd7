using System.ComponentModel.DataAnnotations;
using Streams.RocksDb.Native;

namespace Streams.RocksDb;

/// <summary>The memory that all databases of one application instance share: one block cache, and from RocksDB 8.9 on one count of write buffers.</summary>
/// <remarks>
/// Indexes and filters live in the cache, and from 8.9 write buffers are charged to it, so its size is the bound. Before 8.9 each task's database
/// has an equal part of the write budget. What waits in memory of ours for a commit is shared by the tasks that are open. A database takes what it
/// needs when it opens: disposing the budget before the databases is safe.
/// </remarks>
internal sealed class RocksDbBudget : IDisposable
{
    // Of five parts of the memory for writes one is ours. RocksDB has the others twice over: while one set of memtables is written to disk, a
    // second fills.
    private const int WaitingPart = 5;
    private const int MemtableSets = 2;
    private const long ArenaBlockMax = 1 << 20;
    private const long ArenaBlockMin = 4 << 10;

    private readonly RocksDbOptions _options;
    private readonly CacheHandle _cache;
    private readonly WriteBufferManagerHandle? _writeBuffers;
    private readonly TableOptionsHandle _table;
    private int _openTasks;

    /// <exception cref="RocksDbMissingException">This system has no RocksDB.</exception>
    /// <exception cref="ValidationException">The options are out of bounds.</exception>
    public RocksDbBudget(RocksDbOptions options)
    {
        Validator.ValidateObject(options, new ValidationContext(options), validateAllProperties: true);
        RocksLibrary.Require();

        _options = options;
        WriteBytes = options.MemoryBytes * options.WriteBufferPercent / 100;
        var charged = LaterFunctions.HasWriteBufferManager;
        _cache = new CacheHandle((nuint)(charged ? options.MemoryBytes : options.MemoryBytes - WriteBytes));
        _writeBuffers = charged ? new WriteBufferManagerHandle((nuint)(MemtableBytes), _cache) : null;
        _table = CreateTable(options, _cache);
    }

    /// <summary>Bytes for writes that are not on disk yet, of all databases together.</summary>
    public long WriteBytes { get; }

    /// <summary>What one task's stores may hold of rows that RocksDB does not have yet, in bytes; the fewer tasks are open, the more.</summary>
    public long WaitingBytesPerTask => WriteBytes / WaitingPart / Math.Max(1, Volatile.Read(ref _openTasks));

    /// <summary>Bytes in the block cache now.</summary>
    public long CacheBytes => (long)OptionsCalls.CacheUsage(_cache.Raw);

    public RocksDbOptions Options => _options;

    private long MemtableBytes => (WriteBytes - WriteBytes / WaitingPart) / MemtableSets;

    public void TaskOpened() => Interlocked.Increment(ref _openTasks);

    public void TaskClosed() => Interlocked.Decrement(ref _openTasks);

    /// <summary>Options for a task's database and the column families of its stores.</summary>
    /// <param name="families">The column families it will have: their memtables share the task's part.</param>
    public OptionsHandle CreateOptions(int families)
    {
        var options = new OptionsHandle();
        var raw = options.Raw;
        var bufferBytes = MemtableBytes / (_writeBuffers is null ? _options.Tasks : 1);

        OptionsCalls.SetCreateIfMissing(raw, 1);
        OptionsCalls.SetCreateMissingFamilies(raw, 1);
        OptionsCalls.SetAtomicFlush(raw, 1);
        OptionsCalls.SetWriteBufferBytes(raw, (nuint)bufferBytes);
        OptionsCalls.SetWriteBuffersMax(raw, 3);
        // Each memtable that is written to takes at least one arena block. With RocksDB's usual 1 MiB fifty stores would hold 50 MiB at rest.
        OptionsCalls.SetArenaBlockBytes(raw, (nuint)ArenaBlock(bufferBytes, families));
        // Windows and sessions are asked for before they are first put: a filter answers that in a sixth of the time.
        OptionsCalls.SetMemtableFilterRatio(raw, FilterRatio(families));
        OptionsCalls.SetMemtableWholeKeyFilter(raw, 1);
        if (_writeBuffers is null)
            OptionsCalls.SetDatabaseWriteBufferBytes(raw, (nuint)bufferBytes);
        else
            LaterFunctions.SetWriteBufferManager(raw, _writeBuffers.Raw);

        OptionsCalls.SetTable(raw, _table.Raw);
        OptionsCalls.SetCompression(raw, 0);
        OptionsCalls.SetOpenFilesMax(raw, OpenFiles());
        OptionsCalls.SetInfoLogLevel(raw, 3);
        OptionsCalls.SetLogFilesKept(raw, 2);
        return options;
    }

    public void Dispose()
    {
        _table.Dispose();
        _writeBuffers?.Dispose();
        _cache.Dispose();
    }

    internal static long ArenaBlock(long bufferBytes, int families) =>
        Math.Clamp(bufferBytes / (4 * Math.Max(families, 1)) / ArenaBlockMin * ArenaBlockMin, ArenaBlockMin, ArenaBlockMax);

    // Ten bits for a row of about 60 bytes. Each memtable has its filter from the start, so that those of many stores share what four have.
    private static double FilterRatio(int families) => 0.02 * Math.Min(1.0, 4.0 / Math.Max(families, 1));

    private static TableOptionsHandle CreateTable(RocksDbOptions options, CacheHandle cache)
    {
        var table = new TableOptionsHandle();
        OptionsCalls.SetTableCache(table.Raw, cache.Raw);
        OptionsCalls.SetTableBlockBytes(table.Raw, (nuint)options.BlockBytes);
        OptionsCalls.SetTableFilter(table.Raw, OptionsCalls.CreateBloomFilter(10));
        OptionsCalls.SetTableIndexInCache(table.Raw, 1);
        OptionsCalls.SetTablePinLevelZero(table.Raw, 1);
        OptionsCalls.SetTableFormat(table.Raw, 5);
        return table;
    }

    private int OpenFiles() => Math.Max(16, (_options.OpenFilesMax ?? OpenFileLimit.Current() / 2) / _options.Tasks);
}
