using Microsoft.Data.Sqlite;

namespace Monitor.LogStore;

/// <summary>Which logs and alerts go, and the deleting of them a chunk at a time.</summary>
/// <remarks>The oldest by arrival go first, so that what is left is always a run without holes.</remarks>
internal static class Retention
{
    /// <summary>Logs deleted in one transaction: some tens of milliseconds that a commit may have to wait.</summary>
    internal const int ChunkRows = 2_000;

    /// <summary>Deletes at most one chunk.</summary>
    /// <returns>How many went; 0 where nothing had to.</returns>
    public static int SweepChunk(SqliteDatabase database, StoreOptions options, DateTimeOffset now)
    {
        var expired = options.RetentionDays == 0
            ? 0
            : DeleteStoredBefore(database.Writer, now.AddDays(-options.RetentionDays).ToUnixTimeMilliseconds());
        if (expired > 0 || options.BytesMax == 0 || database.BytesUsed() <= options.BytesMax)
            return expired;

        return DeleteLogs(database.Writer, storedBefore: long.MaxValue);
    }

    private static int DeleteStoredBefore(SqliteConnection connection, long storedMs)
    {
        var logs = DeleteLogs(connection, storedMs);
        using var command = connection.CreateCommand();
        command.CommandText = $"DELETE FROM alerts WHERE row IN (SELECT row FROM alerts ORDER BY row LIMIT {ChunkRows}) AND stored < @stored";
        command.Parameters.AddWithValue("@stored", storedMs);
        return logs + command.ExecuteNonQuery();
    }

    private static int DeleteLogs(SqliteConnection connection, long storedBefore)
    {
        if (LastToGo(connection, storedBefore) is not { } row)
            return 0;

        using var transaction = connection.BeginTransaction();
        Run(connection, transaction, SqliteSchema.DeleteTexts, row);
        var deleted = Run(connection, transaction, SqliteSchema.DeleteLogs, row);
        transaction.Commit();
        return deleted;
    }

    // The end of the oldest run of logs that were all stored before that time; null where the oldest was not.
    private static long? LastToGo(SqliteConnection connection, long storedBefore)
    {
        using var command = connection.CreateCommand();
        command.CommandText = $"SELECT row, stored FROM logs ORDER BY row LIMIT {ChunkRows}";
        using var reader = command.ExecuteReader();
        long? last = null;
        while (reader.Read() && reader.GetInt64(1) < storedBefore)
            last = reader.GetInt64(0);
        return last;
    }

    private static int Run(SqliteConnection connection, SqliteTransaction transaction, string sql, long row)
    {
        using var command = connection.CreateCommand();
        command.Transaction = transaction;
        command.CommandText = sql;
        command.Parameters.AddWithValue("@row", row);
        return command.ExecuteNonQuery();
    }
}
