using Streams.RocksDb.Database;

namespace Streams.RocksDb.Tests;

/// <summary>Commits the script from where the folder stands, for ever: its test kills it.</summary>
internal static class CrashProgram
{
    public const string Name = "crash";

    // Small memtables and frequent flushes, so that most moments have one under way.
    public static RocksDbOptions Options { get; } =
        new() { MemoryBytes = 16 << 20, WriteBufferPercent = 5, Tasks = 1, FlushWrites = 5_000 };

    public static void Run(string folder, int seed)
    {
        using var budget = new RocksDbBudget(Options);
        using var database = RocksDatabase.Open(folder, CrashScript.Stores, budget, TimeProvider.System);
        using var batch = new WriteBatch();
        Console.WriteLine("running");
        for (var commit = CrashScript.CommitsIn(database); ; commit++)
        {
            new CrashScript(seed, commit).Write(database, batch);
            database.Commit(batch);
        }
    }
}
