namespace Monitor.LogStore;

/// <summary>The log store's tables.</summary>
/// <remarks>
/// <para><c>logs.row</c> is the order of arrival: it never changes and, as the oldest go first, is not used again.</para>
/// <para><c>logs_text</c> holds no text, only trigrams (<c>detail=none</c>: which rows, not where in them). Whoever changes <c>logs</c>
/// changes it in the same transaction. Triggers would do that by themselves, at a fifth of the speed: FTS5 collects a batch in memory, and the
/// savepoint that a trigger opens makes it write that out after every row (ADR 0034).</para>
/// <para>Retention goes by <c>stored</c>, not <c>time</c>: a file of last year's logs that is read today is kept as long as today's.</para>
/// </remarks>
internal static class SqliteSchema
{
    /// <summary>Written to <c>PRAGMA user_version</c>.</summary>
    public const int Version = 1;

    /// <summary>Makes the tables in an empty database.</summary>
    public const string Create = """
        CREATE TABLE logs(
            row      INTEGER PRIMARY KEY,
            id       TEXT    NOT NULL UNIQUE,
            time     INTEGER NOT NULL,          -- of the event, ns since 1970 UTC
            stored   INTEGER NOT NULL,          -- by this store, ms since 1970 UTC
            severity INTEGER NOT NULL,
            node     TEXT    NOT NULL,
            service  TEXT    NOT NULL,
            message  TEXT    NOT NULL,
            rest     BLOB    NOT NULL           -- LogRecord without node, service and message
        );
        CREATE INDEX logs_by_time ON logs(time, row);
        CREATE INDEX logs_by_node ON logs(node, time, row);
        CREATE VIRTUAL TABLE logs_text USING fts5(
            message, content='logs', content_rowid='row', tokenize='trigram', detail=none, columnsize=0);
        INSERT INTO logs_text(logs_text, rank) VALUES ('automerge', 8);

        CREATE TABLE alerts(
            row      INTEGER PRIMARY KEY,
            id       TEXT    NOT NULL UNIQUE,
            kind     INTEGER NOT NULL,
            starts   INTEGER NOT NULL,          -- ns since 1970 UTC
            ends     INTEGER,                   -- ns since 1970 UTC; null while it lasts
            stored   INTEGER NOT NULL,          -- ms since 1970 UTC
            alert    BLOB    NOT NULL
        );
        CREATE INDEX alerts_by_start ON alerts(starts, row);
        """;

    /// <summary>Takes a log, once.</summary>
    public const string InsertLog = """
        INSERT INTO logs(id, time, stored, severity, node, service, message, rest) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
        ON CONFLICT(id) DO NOTHING
        """;

    /// <summary>Indexes the text of a log that was taken.</summary>
    public const string InsertText = "INSERT INTO logs_text(rowid, message) VALUES (?1, ?2)";

    /// <summary>Takes the texts of the oldest logs out of the index, up to a row; before the logs themselves go.</summary>
    public const string DeleteTexts =
        "INSERT INTO logs_text(logs_text, rowid, message) SELECT 'delete', row, message FROM logs WHERE row <= @row";

    /// <summary>Drops the oldest logs, up to a row.</summary>
    public const string DeleteLogs = "DELETE FROM logs WHERE row <= @row";

    /// <summary>Takes an alert, once; its end may come later, and the first end stays.</summary>
    public const string InsertAlert = """
        INSERT INTO alerts(id, kind, starts, ends, stored, alert) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
        ON CONFLICT(id) DO UPDATE SET ends = excluded.ends, alert = excluded.alert
        WHERE alerts.ends IS NULL AND excluded.ends IS NOT NULL
        """;
}
