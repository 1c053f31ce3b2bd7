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

        return Delete(database.Writer, $"DELETE FROM logs WHERE row IN (SELECT row FROM logs ORDER BY row LIMIT {ChunkRows})", null);
    }

    private static int DeleteStoredBefore(SqliteConnection connection, long storedMs) =>
        Delete(connection, $"DELETE FROM logs WHERE row IN (SELECT row FROM logs ORDER BY row LIMIT {ChunkRows}) AND stored < @stored", storedMs)
        + Delete(connection, $"DELETE FROM alerts WHERE row IN (SELECT row FROM alerts ORDER BY row LIMIT {ChunkRows}) AND stored < @stored", storedMs);

    private static int Delete(SqliteConnection connection, string sql, long? storedMs)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        if (storedMs is { } stored)
            command.Parameters.AddWithValue("@stored", stored);
        return command.ExecuteNonQuery();
    }
}
