using System.Text;
using Microsoft.Data.Sqlite;
using Streams.Contracts.V1;

namespace Monitor.LogStore;

/// <summary>Lists alerts, newest first, a page at a time.</summary>
internal sealed class AlertSearch(AlertQuery query)
{
    private const int PageRows = 500;

    private int _remaining = query.Limit == 0 ? int.MaxValue : query.Limit;
    private (long Starts, long Row)? _cursor;

    /// <summary>Whether there is nothing left to find.</summary>
    public bool Ended { get; private set; }

    /// <summary>Reads the next page into <paramref name="page"/>.</summary>
    public void ReadPage(SqliteConnection connection, List<Alert> page)
    {
        page.Clear();
        var most = Math.Min(_remaining, PageRows);
        using var command = connection.CreateCommand();
        command.CommandText = Select(command, most);
        using var reader = command.ExecuteReader();
        while (reader.Read())
        {
            _cursor = (reader.GetInt64(0), reader.GetInt64(1));
            page.Add(Alert.Parser.ParseFrom((byte[])reader.GetValue(2)));
        }

        _remaining -= page.Count;
        Ended = page.Count < most || _remaining == 0;
    }

    private string Select(SqliteCommand command, int most)
    {
        var sql = new StringBuilder("SELECT starts, row, alert FROM alerts WHERE 1");
        if (!query.IncludeResolved)
            sql.Append(" AND ends IS NULL");
        if (query.Kind != AlertKind.Unspecified)
        {
            sql.Append(" AND kind = @kind");
            command.Parameters.AddWithValue("@kind", (int)query.Kind);
        }

        if (query.FromNs is { } from)
        {
            sql.Append(" AND starts >= @from");
            command.Parameters.AddWithValue("@from", from);
        }

        if (_cursor is { } cursor)
        {
            sql.Append(" AND (starts, row) < (@starts, @row)");
            command.Parameters.AddWithValue("@starts", cursor.Starts);
            command.Parameters.AddWithValue("@row", cursor.Row);
        }

        return sql.Append($" ORDER BY starts DESC, row DESC LIMIT {most}").ToString();
    }
}
