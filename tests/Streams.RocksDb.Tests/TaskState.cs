using System.Text;
using Streams.RocksDb.Database;
using Streams.RocksDb.Native;
using TestKit;

namespace Streams.RocksDb.Tests;

/// <summary>A task's database in a folder of its own, with small words for small rows.</summary>
internal sealed class TaskState : IDisposable
{
    private readonly TempDirectory _folder = new();
    private readonly RocksDbBudget _budget;

    public TaskState(params string[] stores)
    {
        SkipWhereMissing();
        _budget = new RocksDbBudget(Options);
        Database = Open(stores);
    }

    public static RocksDbOptions Options { get; } = new() { MemoryBytes = 16 << 20, LockWait = TimeSpan.Zero };

    public static bool IsLong => Environment.GetEnvironmentVariable("STREAMS_LONG") == "1";

    public string Path => _folder.Path;

    public RocksDatabase Database { get; private set; }

    public static void SkipWhereMissing() => Skip.IfNot(
        RocksLibrary.IsPresent, "This system has no RocksDB library (Debian 12: apt-get install librocksdb7.8).");

    public static byte[] Bytes(string text) => Encoding.UTF8.GetBytes(text);

    public RocksDatabase Open(params string[] stores) => RocksDatabase.Open(Path, stores, _budget, TimeProvider.System);

    public void Reopen(params string[] stores)
    {
        Database.Dispose();
        Database = Open(stores);
    }

    public void Put(string store, params (string Key, string Value)[] rows)
    {
        using var batch = new WriteBatch();
        foreach (var (key, value) in rows)
            batch.Put(Database.Family(store), Bytes(key), Bytes(value));
        Database.Commit(batch);
    }

    public string? Get(string store, string key, RocksSnapshot? snapshot = null)
    {
        using var value = Database.Get(Database.Family(store), Bytes(key), snapshot);
        return value.IsFound ? Encoding.UTF8.GetString(value.Bytes) : null;
    }

    public string Rows(string store, string from = "", string to = "", bool forward = true, RocksSnapshot? snapshot = null)
    {
        using var rows = Database.Iterate(Database.Family(store), Bytes(from), Bytes(to), forward, snapshot);
        return Rest(rows);
    }

    public static string Rest(RocksIterator rows)
    {
        var text = new StringBuilder();
        while (rows.MoveNext())
            text.Append(Encoding.UTF8.GetString(rows.Key)).Append('=').Append(Encoding.UTF8.GetString(rows.Value)).Append(' ');
        return text.ToString().TrimEnd();
    }

    public void Dispose()
    {
        Database.Dispose();
        _budget.Dispose();
        _folder.Dispose();
    }
}
