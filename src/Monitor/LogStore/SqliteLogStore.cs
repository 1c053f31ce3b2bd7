using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging;
using Settings;
using SQLitePCL;
using Streams.Contracts.V1;

namespace Monitor.LogStore;

/// <summary>The log store of one machine: one SQLite file, one writer, a few readers beside it.</summary>
/// <remarks>
/// What is added waits in memory, shared by every thread that adds, until someone flushes; then all of it goes into one transaction, so that
/// four partitions committing together cost one fsync. A batch that could not be written stays and leads the next attempt: a flush returns
/// only when everything added before it, by anyone, is on disk.
/// </remarks>
internal sealed partial class SqliteLogStore : ILogStore
{
    private readonly StoreOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger<SqliteLogStore> _logger;
    private readonly StoreMetrics _metrics;
    private readonly ReaderPool _readers;

    private readonly Lock _waitingGate = new();
    private List<LogDocument> _waitingLogs = [];
    private List<AlertDocument> _waitingAlerts = [];

    // Held while the writer connection is used. Never taken inside _waitingGate.
    private readonly Lock _writerGate = new();
    private List<LogDocument> _batchLogs = [];
    private List<AlertDocument> _batchAlerts = [];
    private readonly FileStream _folder;
    private SqliteDatabase _database;
    private SqliteBatchWriter _writer;

    private SqliteLogStore(
        FileStream folder, SqliteDatabase database, StoreOptions options, TimeProvider time, StoreMetrics metrics, ILogger<SqliteLogStore> logger)
    {
        _folder = folder;
        _database = database;
        _writer = new(database.Writer);
        _options = options;
        _time = time;
        _metrics = metrics;
        _logger = logger;
        _readers = new(options.ReadersMax);
    }

    /// <summary>Opens the store in <paramref name="directory"/>, which is made where it is missing.</summary>
    /// <exception cref="SetupException">The folder or the file in it cannot be used; the message says why.</exception>
    public static SqliteLogStore Open(
        string directory, StoreOptions options, TimeProvider time, StoreMetrics metrics, ILogger<SqliteLogStore> logger)
    {
        var folder = Claim(Path.GetFullPath(directory));
        try
        {
            var database = SqliteDatabase.Open(Path.Combine(Path.GetFullPath(directory), "logs.db"), logger, time);
            return new(folder, database, options, time, metrics, logger);
        }
        catch
        {
            folder.Dispose();
            throw;
        }
    }

    public void Add(in LogDocument document)
    {
        bool full;
        lock (_waitingGate)
        {
            _waitingLogs.Add(document);
            full = _waitingLogs.Count >= _options.BatchRecordsMax;
        }

        if (full)
            Flush();
    }

    public void Add(in AlertDocument document)
    {
        bool full;
        lock (_waitingGate)
        {
            _waitingAlerts.Add(document);
            full = _waitingAlerts.Count >= _options.BatchRecordsMax;
        }

        if (full)
            Flush();
    }

    public void Flush()
    {
        lock (_writerGate)
        {
            // Empty unless the last attempt failed; what came since joins it.
            lock (_waitingGate)
            {
                if (_batchLogs.Count == 0 && _batchAlerts.Count == 0)
                {
                    (_batchLogs, _waitingLogs) = (_waitingLogs, _batchLogs);
                    (_batchAlerts, _waitingAlerts) = (_waitingAlerts, _batchAlerts);
                }
                else
                {
                    Move(_waitingLogs, _batchLogs);
                    Move(_waitingAlerts, _batchAlerts);
                }
            }

            if (_batchLogs.Count == 0 && _batchAlerts.Count == 0)
                return;

            var started = _time.GetTimestamp();
            var added = WriteBatch();
            _metrics.Written(_batchLogs.Count, added, _batchAlerts.Count, _time.GetElapsedTime(started));
            Reset(_batchLogs);
            Reset(_batchAlerts);
        }
    }

    public async IAsyncEnumerable<FoundLog> SearchAsync(LogQuery query, [EnumeratorCancellation] CancellationToken cancellation)
    {
        var search = new LogSearch(query);
        var page = new LogPage();
        while (!search.Ended)
        {
            await ReadAsync(connection => search.ReadPage(connection, page), cancellation).ConfigureAwait(false);
            foreach (var log in page.Logs)
                yield return log;
        }
    }

    public async IAsyncEnumerable<Alert> ListAlertsAsync(AlertQuery query, [EnumeratorCancellation] CancellationToken cancellation)
    {
        var search = new AlertSearch(query);
        var page = new List<Alert>();
        while (!search.Ended)
        {
            await ReadAsync(connection => search.ReadPage(connection, page), cancellation).ConfigureAwait(false);
            foreach (var alert in page)
                yield return alert;
        }
    }

    public Task<long> SweepAsync(CancellationToken cancellation) => OwnThread.RunAsync(() => Sweep(cancellation));

    public void Dispose()
    {
        lock (_writerGate)
        {
            _readers.Dispose();
            _writer.Dispose();
            _database.Dispose();
            _folder.Dispose();
        }
    }

    private long Sweep(CancellationToken cancellation)
    {
        var swept = 0L;
        while (!cancellation.IsCancellationRequested)
        {
            int chunk;
            lock (_writerGate)
                chunk = Retention.SweepChunk(_database, _options, _time.GetUtcNow());
            if (chunk == 0)
                break;

            swept += chunk;
            // Whoever waits for the writer goes first: a sweep is never in a hurry.
            Thread.Yield();
        }

        if (swept > 0)
            Swept(swept);
        return swept;
    }

    // Two writers of one store would each set aside what the other does.
    private static FileStream Claim(string directory)
    {
        try
        {
            Directory.CreateDirectory(directory);
            return new(Path.Combine(directory, "logs.lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (Exception refusal) when (refusal is IOException or UnauthorizedAccessException)
        {
            throw new SetupException(
                $"The data folder {directory} cannot be used: {refusal.Message} Another monitor may have it, or its rights may be too narrow.", refusal);
        }
    }

    private int WriteBatch()
    {
        try
        {
            return _writer.Write(CollectionsMarshal.AsSpan(_batchLogs), CollectionsMarshal.AsSpan(_batchAlerts), _time.GetUtcNow());
        }
        catch (SqliteException damage) when (SqliteDatabase.IsDamage(damage))
        {
            _writer.Dispose();
            _database = _database.Replace(damage, _time);
            _writer = new(_database.Writer);
            return _writer.Write(CollectionsMarshal.AsSpan(_batchLogs), CollectionsMarshal.AsSpan(_batchAlerts), _time.GetUtcNow());
        }
    }

    private async Task ReadAsync(Action<SqliteConnection> read, CancellationToken cancellation)
    {
        using var loan = await _readers.RentAsync(Volatile.Read(ref _database), cancellation).ConfigureAwait(false);
        // A search that nobody waits for any more stops inside SQLite too.
        var handle = loan.Connection.Handle!;
        using var interruption = cancellation.UnsafeRegister(state => raw.sqlite3_interrupt((sqlite3)state!), handle);
        try
        {
            var connection = loan.Connection;
            await OwnThread.RunAsync(() => read(connection)).ConfigureAwait(false);
        }
        catch (SqliteException interrupted) when (interrupted.SqliteErrorCode == raw.SQLITE_INTERRUPT && cancellation.IsCancellationRequested)
        {
            throw new OperationCanceledException(null, interrupted, cancellation);
        }
    }

    private static void Move<T>(List<T> from, List<T> to)
    {
        to.AddRange(from);
        from.Clear();
    }

    // A burst's buffer is not kept for ever.
    private static void Reset<T>(List<T> list)
    {
        list.Clear();
        if (list.Capacity > 65_536)
            list.Capacity = 0;
    }

    [LoggerMessage(2, LogLevel.Information, "Dropped {Count} logs and alerts that were past their age or beyond the store's size.")]
    private partial void Swept(long count);
}
