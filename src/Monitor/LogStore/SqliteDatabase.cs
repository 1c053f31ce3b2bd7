using System.Globalization;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging;
using Settings;
using SQLitePCL;

namespace Monitor.LogStore;

/// <summary>The database file: opened, made where missing, set aside where damaged.</summary>
internal sealed partial class SqliteDatabase : IDisposable
{
    private readonly string _path;
    private readonly ILogger _logger;

    private SqliteDatabase(string path, SqliteConnection writer, ILogger logger) => (_path, Writer, _logger) = (path, writer, logger);

    /// <summary>The one connection that writes.</summary>
    public SqliteConnection Writer { get; }

    /// <summary>Opens the database.</summary>
    /// <param name="path">The file; its folder exists.</param>
    /// <param name="logger">Hears of a damaged file.</param>
    /// <param name="time">Dates the name that a damaged file is set aside under.</param>
    /// <exception cref="SetupException">The file cannot be opened or written, or a newer version of this software made it.</exception>
    public static SqliteDatabase Open(string path, ILogger logger, TimeProvider time)
    {
        try
        {
            try
            {
                return new(path, OpenWriter(path), logger);
            }
            catch (SqliteException damage) when (IsDamage(damage))
            {
                SetAside(path, damage, logger, time);
                return new(path, OpenWriter(path), logger);
            }
        }
        catch (SqliteException refusal)
        {
            throw new SetupException(
                $"The log store {path} cannot be opened for writing: {refusal.Message} Check the folder's owner, its rights and the space left on it.",
                refusal);
        }
    }

    /// <summary>Whether the file's content is broken, as opposed to unreachable.</summary>
    public static bool IsDamage(SqliteException error) => error.SqliteErrorCode is raw.SQLITE_CORRUPT or raw.SQLITE_NOTADB;

    /// <summary>Puts a damaged file where it can be looked at, and a new, empty one in its place.</summary>
    public SqliteDatabase Replace(SqliteException damage, TimeProvider time)
    {
        Dispose();
        SetAside(_path, damage, _logger, time);
        return new(_path, OpenWriter(_path), _logger);
    }

    /// <summary>Opens one more connection, which sees the last commit and never waits for the writer.</summary>
    public SqliteConnection OpenReader()
    {
        var reader = Connect(_path, SqliteOpenMode.ReadOnly);
        Run(reader, "PRAGMA query_only = 1; PRAGMA cache_size = -8192;");
        return reader;
    }

    /// <summary>Bytes that hold data: pages in use, without those free for new data.</summary>
    public long BytesUsed() =>
        (Number(Writer, "PRAGMA page_count") - Number(Writer, "PRAGMA freelist_count")) * Number(Writer, "PRAGMA page_size");

    public void Dispose() => Writer.Dispose();

    private static SqliteConnection OpenWriter(string path)
    {
        var connection = Connect(path, SqliteOpenMode.ReadWriteCreate);
        try
        {
            // synchronous=FULL: Kafka may drop its claim on our offsets' records only when a power cut cannot take them from us.
            Run(connection, """
                PRAGMA journal_mode = WAL;
                PRAGMA synchronous = FULL;
                PRAGMA journal_size_limit = 67108864;
                PRAGMA cache_size = -65536;
                PRAGMA temp_store = MEMORY;
                """);
            switch (Number(connection, "PRAGMA user_version"))
            {
                case SqliteSchema.Version:
                    break;
                case 0:
                    using (var creation = connection.BeginTransaction())
                    {
                        Run(connection, $"{SqliteSchema.Create} PRAGMA user_version = {SqliteSchema.Version};");
                        creation.Commit();
                    }

                    break;
                case var newer:
                    throw new SetupException(
                        $"The log store {path} has format {newer}; this version knows up to {SqliteSchema.Version}. Run the newer version, or move the file away.");
            }

            // Touches the tables and the index, so that damage there shows now rather than at the first search.
            Number(connection, "SELECT count(*) FROM (SELECT row FROM logs ORDER BY row DESC LIMIT 1)");
            Number(connection, "SELECT count(*) FROM (SELECT rowid FROM logs_text WHERE logs_text MATCH '\"log\"' LIMIT 1)");
            Number(connection, "SELECT count(*) FROM (SELECT row FROM alerts ORDER BY row DESC LIMIT 1)");
            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    private static SqliteConnection Connect(string path, SqliteOpenMode mode)
    {
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder
        {
            DataSource = path,
            Mode = mode,
            Pooling = false,
            DefaultTimeout = 30,
        }.ToString());
        try
        {
            connection.Open();
            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    private static void SetAside(string path, SqliteException damage, ILogger logger, TimeProvider time)
    {
        var stamp = time.GetUtcNow().ToString("yyyyMMdd'T'HHmmssfff'Z'", CultureInfo.InvariantCulture);
        var aside = $"{path}.damaged-{stamp}";
        foreach (var part in (ReadOnlySpan<string>)["", "-wal", "-shm"])
        {
            if (File.Exists(path + part))
                File.Move(path + part, aside + part);
        }

        DatabaseSetAside(logger, path, damage.Message, aside);
    }

    private static void Run(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }

    private static long Number(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        return Convert.ToInt64(command.ExecuteScalar(), CultureInfo.InvariantCulture);
    }

    [LoggerMessage(1, LogLevel.Error,
        "The log store {Path} is damaged ({Damage}). It was set aside as {Aside} and a new one begun. What it held is still in Kafka: to fill "
        + "the new one from there, stop the monitor, set its consumer group's offsets for the log topic back, and start it.")]
    private static partial void DatabaseSetAside(ILogger logger, string path, string damage, string aside);
}
