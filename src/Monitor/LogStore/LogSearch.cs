using System.Text;
using Microsoft.Data.Sqlite;
using Streams.Contracts.V1;

namespace Monitor.LogStore;

/// <summary>Runs one search, a page at a time.</summary>
/// <remarks>
/// <para>A text of three characters and more can be looked for in two ways: reading logs in order and comparing, which is over at once where
/// most logs match, or asking the trigram index, which is over at once where few do. Nobody knows beforehand which it will be, so the first
/// <see cref="ScanRows"/> logs in order are read and compared, and the index answers for the rest. Both yield the same total order
/// (time, row), and the first part ends at a known place in it, so the second goes on from there.</para>
/// <para>Each page is a read of its own: a slow reader of results holds no connection and keeps no old version of the database alive.</para>
/// </remarks>
internal sealed class LogSearch
{
    /// <summary>Logs compared before the index is asked.</summary>
    internal const int ScanRows = 20_000;

    // Keys taken from the index in one go: as many as a search may return.
    private const int IndexKeysMax = 10_000;

    private readonly LogQuery _query;
    private readonly int _scanRows;
    private readonly TextFilter? _text;
    private readonly string _order;
    private readonly string _after;
    private LogKey? _cursor;
    private LogKey? _scanEnd;
    private bool _scanEndKnown;
    private bool _scanned;
    private Queue<LogKey>? _indexKeys;
    private bool _indexDrained;

    /// <summary>Makes a search.</summary>
    /// <param name="query">What to look for.</param>
    /// <param name="scanRows">Logs to compare before the index is asked.</param>
    public LogSearch(LogQuery query, int scanRows = ScanRows)
    {
        _query = query;
        _scanRows = scanRows;
        _text = TextFilter.For(query.Text);
        _order = query.OldestFirst ? "time, row" : "time DESC, row DESC";
        _after = query.OldestFirst ? ">" : "<";
        _cursor = query.After;
        Remaining = query.Limit;
    }

    /// <summary>How many more logs may be returned.</summary>
    public int Remaining { get; private set; }

    /// <summary>Whether there is nothing left to find.</summary>
    public bool Ended { get; private set; }

    /// <summary>Reads the next page into <paramref name="page"/>; it may stay empty before the end.</summary>
    public void ReadPage(SqliteConnection connection, LogPage page)
    {
        page.Clear(Remaining);
        if (!_scanEndKnown)
        {
            _scanEnd = _text?.Match is null ? null : ScanEnd(connection);
            _scanEndKnown = true;
        }

        if (!_scanned)
            ReadScanned(connection, page);
        else
            ReadIndexed(connection, page);

        Remaining -= page.Logs.Count;
        if (Remaining == 0)
            Ended = true;
    }

    // Where reading in order stops and the index takes over; null where there are fewer logs than that.
    private LogKey? ScanEnd(SqliteConnection connection)
    {
        using var command = connection.CreateCommand();
        var sql = new StringBuilder("SELECT time, row FROM logs WHERE 1");
        WherePlace(sql, command);
        sql.Append($" ORDER BY {_order} LIMIT 1 OFFSET {_scanRows}");
        command.CommandText = sql.ToString();
        using var reader = command.ExecuteReader();
        return reader.Read() ? new LogKey(reader.GetInt64(0), reader.GetInt64(1)) : null;
    }

    private void ReadScanned(SqliteConnection connection, LogPage page)
    {
        using var command = connection.CreateCommand();
        var sql = new StringBuilder("SELECT time, row, id, node, service, message, rest FROM logs WHERE 1");
        WherePlace(sql, command);
        if (_scanEnd is { } end)
        {
            sql.Append($" AND NOT (time, row) {_after} (@end_time, @end_row)");
            command.Parameters.AddWithValue("@end_time", end.TimeNs);
            command.Parameters.AddWithValue("@end_row", end.Row);
        }

        WhereContent(sql, command);
        sql.Append($" ORDER BY {_order}");
        command.CommandText = sql.ToString();
        using var reader = command.ExecuteReader();
        Take(reader, page);
        if (page.IsFull)
            return;

        _scanned = true;
        if (_scanEnd is null)
            Ended = true;
        else
            _cursor = _scanEnd;
    }

    private void ReadIndexed(SqliteConnection connection, LogPage page)
    {
        if (_indexKeys is null or { Count: 0 } && !_indexDrained)
            ReadIndexKeys(connection);

        using var command = connection.CreateCommand();
        command.CommandText = "SELECT time, row, id, node, service, message, rest FROM logs WHERE row = @row AND time = @time";
        var row = command.Parameters.Add("@row", SqliteType.Integer);
        var time = command.Parameters.Add("@time", SqliteType.Integer);
        while (!page.IsFull && _indexKeys!.TryDequeue(out var key))
        {
            (row.Value, time.Value) = (key.Row, key.TimeNs);
            // A log that went out of retention since the keys were read is no longer there to return.
            using var reader = command.ExecuteReader();
            Take(reader, page);
        }

        if (_indexKeys!.Count == 0 && _indexDrained)
            Ended = true;
    }

    private void ReadIndexKeys(SqliteConnection connection)
    {
        using var command = connection.CreateCommand();
        // CROSS JOIN keeps the index on the outside: SQLite does not reorder across it.
        var sql = new StringBuilder("SELECT time, row FROM logs_text CROSS JOIN logs ON logs.row = logs_text.rowid WHERE logs_text MATCH @match");
        command.Parameters.AddWithValue("@match", _text!.Match);
        WherePlace(sql, command);
        WhereContent(sql, command);
        sql.Append($" ORDER BY {_order} LIMIT {IndexKeysMax}");
        command.CommandText = sql.ToString();

        _indexKeys ??= new();
        using var reader = command.ExecuteReader();
        while (reader.Read())
        {
            _cursor = new(reader.GetInt64(0), reader.GetInt64(1));
            _indexKeys.Enqueue(_cursor.Value);
        }

        _indexDrained = _indexKeys.Count < IndexKeysMax;
    }

    // Takes logs until the page is full or the reader ends.
    private void Take(SqliteDataReader reader, LogPage page)
    {
        while (!page.IsFull && reader.Read())
        {
            var key = new LogKey(reader.GetInt64(0), reader.GetInt64(1));
            var rest = (byte[])reader.GetValue(6);
            var record = LogRowCodec.Whole(rest, reader.GetString(3), reader.GetString(4), reader.GetString(5));
            if (!_scanned)
                _cursor = key;
            if (HasAttributes(record))
                page.Add(new(reader.GetString(2), record, key), rest.Length + (2 * record.Message.Length));
        }
    }

    private bool HasAttributes(LogRecord record)
    {
        foreach (var (name, value) in _query.Attributes)
        {
            if (!record.Attributes.TryGetValue(name, out var actual) || actual != value)
                return false;
        }

        return true;
    }

    // What of the order is asked for: the part that indexes answer.
    private void WherePlace(StringBuilder sql, SqliteCommand command)
    {
        // A cursor lies past the end of the time range that reading began at. Given both, SQLite would seek to that end and step over everything up
        // to the cursor: each page would cost more than the one before it.
        if (_query.FromNs is { } from && !(_cursor is not null && _query.OldestFirst))
            Where(sql, command, "time >= @from", "@from", from);
        if (_query.ToNs is { } to && !(_cursor is not null && !_query.OldestFirst))
            Where(sql, command, "time < @to", "@to", to);
        if (_cursor is { } cursor)
        {
            sql.Append($" AND (time, row) {_after} (@cursor_time, @cursor_row)");
            command.Parameters.AddWithValue("@cursor_time", cursor.TimeNs);
            command.Parameters.AddWithValue("@cursor_row", cursor.Row);
        }
    }

    private void WhereContent(StringBuilder sql, SqliteCommand command)
    {
        if (_query.MinSeverity > 0)
            Where(sql, command, "severity >= @severity", "@severity", (int)_query.MinSeverity);
        WhereIn(sql, command, "node", _query.Nodes);
        WhereIn(sql, command, "service", _query.Services);
        if (_text is not null)
            Where(sql, command, "logs.message LIKE @like ESCAPE '\\'", "@like", _text.Like);
    }

    private static void Where(StringBuilder sql, SqliteCommand command, string condition, string name, object value)
    {
        sql.Append(" AND ").Append(condition);
        command.Parameters.AddWithValue(name, value);
    }

    private static void WhereIn(StringBuilder sql, SqliteCommand command, string column, IReadOnlyList<string> values)
    {
        if (values.Count == 0)
            return;

        sql.Append($" AND {column} IN (");
        for (var i = 0; i < values.Count; i++)
        {
            var name = $"@{column}{i}";
            sql.Append(i == 0 ? name : $", {name}");
            command.Parameters.AddWithValue(name, values[i]);
        }

        sql.Append(')');
    }
}
