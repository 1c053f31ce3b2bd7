using System.Buffers.Binary;
using System.Globalization;
using Streams.RocksDb.Database;
using TestKit;

namespace Streams.RocksDb.Tests;

/// <summary>Fills many stores, reads them, and tells by how much the process grew at its largest.</summary>
internal static class FillProgram
{
    public const string Name = "fill";

    public static async Task<long> MeasureAsync(int stores, int keys, long budgetBytes)
    {
        using var process = Program.Start(
            Name,
            stores.ToString(CultureInfo.InvariantCulture), keys.ToString(CultureInfo.InvariantCulture),
            budgetBytes.ToString(CultureInfo.InvariantCulture));
        var said = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        Console.WriteLine(said);
        Assert.Equal(0, process.ExitCode);
        return long.Parse(said.Split('=')[^1], CultureInfo.InvariantCulture);
    }

    public static void Run(int stores, int keys, long budgetBytes)
    {
        using var folder = new TempDirectory();
        var names = Enumerable.Range(0, stores).Select(i => $"store-{i}").ToArray();
        var before = StatusBytes("VmRSS");

        using var budget = new RocksDbBudget(new RocksDbOptions { MemoryBytes = budgetBytes, Tasks = 1 });
        using (var database = RocksDatabase.Open(folder.Path, names, budget, TimeProvider.System))
        {
            var families = Array.ConvertAll(names, database.Family);
            Fill(database, families, keys);
            Read(database, families, keys);
        }

        Console.Write($"{keys} keys in {stores} stores, budget {budgetBytes}, cache {budget.CacheBytes}, grown={StatusBytes("VmHWM") - before}");
    }

    private static void Fill(RocksDatabase database, ColumnFamily[] families, int keys)
    {
        using var batch = new WriteBatch();
        Span<byte> key = stackalloc byte[20];
        Span<byte> value = stackalloc byte[60];
        for (var i = 0; i < keys; i++)
        {
            Scatter(i, key);
            BinaryPrimitives.WriteInt32BigEndian(value, i);
            batch.Put(families[i % families.Length], key, value);
            if (batch.Count < 1_000)
                continue;

            database.Offsets.Write(batch, "log", 0, i);
            database.Commit(batch);
        }

        database.Commit(batch);
    }

    private static void Read(RocksDatabase database, ColumnFamily[] families, int keys)
    {
        Span<byte> key = stackalloc byte[20];
        for (var i = 0; i < keys; i += 7)
        {
            Scatter(i, key);
            using var value = database.Get(families[i % families.Length], key);
            if (!value.IsFound || BinaryPrimitives.ReadInt32BigEndian(value.Bytes) != i)
                throw new InvalidOperationException($"Key {i} is not what was written.");
        }

        var rows = 0;
        foreach (var family in families)
        {
            using var all = database.Iterate(family);
            while (all.MoveNext())
                rows++;
        }

        if (rows != keys)
            throw new InvalidOperationException($"{rows} rows of {keys}.");
    }

    // Every number once, in no order: an odd factor makes a permutation of 64-bit numbers.
    private static void Scatter(int i, Span<byte> key) =>
        BinaryPrimitives.WriteUInt64BigEndian(key, unchecked((ulong)i * 0x9E37_79B9_7F4A_7C15));

    private static long StatusBytes(string name)
    {
        var line = File.ReadLines("/proc/self/status").First(line => line.StartsWith(name, StringComparison.Ordinal));
        return long.Parse(line.Split((char[])[' ', '\t'], StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) << 10;
    }
}
