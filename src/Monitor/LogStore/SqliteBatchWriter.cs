using System.Buffers;
using System.Text;
using Google.Protobuf;
using Microsoft.Data.Sqlite;
using SQLitePCL;
using Streams.Contracts.V1;

namespace Monitor.LogStore;

/// <summary>Writes batches, a transaction each, through statements prepared once.</summary>
/// <remarks>
/// Binds bytes to SQLite itself rather than parameters to commands: boxed values, one array a text and a look-up by name for each of
/// eight columns cost more than SQLite's own work on the row.
/// </remarks>
internal sealed class SqliteBatchWriter : IDisposable
{
    private readonly sqlite3 _database;
    private readonly sqlite3_stmt _begin;
    private readonly sqlite3_stmt _commit;
    private readonly sqlite3_stmt _rollback;
    private readonly sqlite3_stmt _insertLog;
    private readonly sqlite3_stmt _insertText;
    private readonly sqlite3_stmt _insertAlert;
    private readonly List<(long Row, int Log)> _added = [];
    private byte[] _utf8 = new byte[4096];

    public SqliteBatchWriter(SqliteConnection connection)
    {
        _database = connection.Handle!;
        _begin = Prepare("BEGIN IMMEDIATE");
        _commit = Prepare("COMMIT");
        _rollback = Prepare("ROLLBACK");
        _insertLog = Prepare(SqliteSchema.InsertLog);
        _insertText = Prepare(SqliteSchema.InsertText);
        _insertAlert = Prepare(SqliteSchema.InsertAlert);
    }

    /// <summary>Writes all of it or, throwing, nothing.</summary>
    /// <returns>How many logs were new.</returns>
    /// <exception cref="SqliteException">The database would not take it.</exception>
    public int Write(ReadOnlySpan<LogDocument> logs, ReadOnlySpan<AlertDocument> alerts, DateTimeOffset now)
    {
        var storedMs = now.ToUnixTimeMilliseconds();
        _added.Clear();
        Step(_begin);
        try
        {
            for (var i = 0; i < logs.Length; i++)
            {
                Insert(logs[i], storedMs);
                if (raw.sqlite3_changes(_database) > 0)
                    _added.Add((raw.sqlite3_last_insert_rowid(_database), i));
            }

            // After the logs, not between them: the index takes its rows in one go.
            foreach (var (row, log) in _added)
            {
                Check(raw.sqlite3_bind_int64(_insertText, 1, row));
                BindText(_insertText, 2, TextFilter.Searchable(logs[log].Record.Message));
                Step(_insertText);
            }

            foreach (ref readonly var alert in alerts)
                Insert(alert, storedMs);
            Step(_commit);
            return _added.Count;
        }
        catch
        {
            // SQLite has rolled back by itself after some errors (a full disk); then there is nothing left to roll back.
            if (raw.sqlite3_get_autocommit(_database) == 0)
                Step(_rollback);
            throw;
        }
    }

    public void Dispose()
    {
        _begin.Dispose();
        _commit.Dispose();
        _rollback.Dispose();
        _insertLog.Dispose();
        _insertText.Dispose();
        _insertAlert.Dispose();
    }

    private void Insert(in LogDocument log, long storedMs)
    {
        var record = log.Record;
        BindText(_insertLog, 1, log.Id);
        Check(raw.sqlite3_bind_int64(_insertLog, 2, UnixNanoseconds.Of(record, storedMs)));
        Check(raw.sqlite3_bind_int64(_insertLog, 3, storedMs));
        Check(raw.sqlite3_bind_int(_insertLog, 4, (int)record.Severity));
        BindText(_insertLog, 5, record.NodeId);
        BindText(_insertLog, 6, record.Service);
        BindText(_insertLog, 7, TextFilter.Searchable(record.Message));
        Check(raw.sqlite3_bind_blob(_insertLog, 8, LogRowCodec.Rest(record)));
        Step(_insertLog);
    }

    private void Insert(in AlertDocument document, long storedMs)
    {
        var alert = document.Alert;
        BindText(_insertAlert, 1, document.Id);
        Check(raw.sqlite3_bind_int(_insertAlert, 2, (int)alert.Kind));
        Check(raw.sqlite3_bind_int64(_insertAlert, 3, alert.Starts is { } starts ? UnixNanoseconds.From(starts) : storedMs * 1_000_000));
        Check(alert.Ends is { } ends
            ? raw.sqlite3_bind_int64(_insertAlert, 4, UnixNanoseconds.From(ends))
            : raw.sqlite3_bind_null(_insertAlert, 4));
        Check(raw.sqlite3_bind_int64(_insertAlert, 5, storedMs));
        Check(raw.sqlite3_bind_blob(_insertAlert, 6, alert.ToByteArray()));
        Step(_insertAlert);
    }

    private void BindText(sqlite3_stmt statement, int index, string text)
    {
        var most = Encoding.UTF8.GetMaxByteCount(text.Length);
        if (_utf8.Length < most)
            _utf8 = new byte[most];
        var length = Encoding.UTF8.GetBytes(text, _utf8);
        // SQLite takes a copy, so that the buffer serves the next column. An empty span would bind null.
        Check(length == 0
            ? raw.sqlite3_bind_text(statement, index, "")
            : raw.sqlite3_bind_text(statement, index, _utf8.AsSpan(0, length)));
    }

    private void Step(sqlite3_stmt statement)
    {
        var outcome = raw.sqlite3_step(statement);
        var reset = raw.sqlite3_reset(statement);
        if (outcome != raw.SQLITE_DONE)
            Check(reset == raw.SQLITE_OK ? outcome : reset);
    }

    private sqlite3_stmt Prepare(string sql)
    {
        Check(raw.sqlite3_prepare_v2(_database, sql, out var statement));
        return statement;
    }

    private void Check(int outcome)
    {
        if (outcome != raw.SQLITE_OK)
            SqliteException.ThrowExceptionForRC(outcome, _database);
    }
}
