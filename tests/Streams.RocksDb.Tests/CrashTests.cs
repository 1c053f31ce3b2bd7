using System.Buffers.Binary;
using Streams.RocksDb.Database;
using TestKit;
using Xunit;
using Xunit.Abstractions;

namespace Streams.RocksDb.Tests;

public sealed class CrashTests(ITestOutputHelper output)
{
    [SkippableFact]
    public async Task After_a_kill_at_any_moment_rows_and_offsets_agree()
    {
        TaskState.SkipWhereMissing();
        var seed = Environment.GetEnvironmentVariable("STREAMS_SEED") is { Length: > 0 } given ? int.Parse(given) : Environment.TickCount;
        output.WriteLine($"seed {seed} (STREAMS_SEED replays it)");
        var moments = new Random(seed);
        var model = CrashScript.Stores.Select(_ => new byte[]?[CrashScript.KeysPerStore]).ToArray();
        using var folder = new TempDirectory();
        var held = 0L;

        // However slow the disk is, one round lasts until something is on it.
        var rounds = TaskState.IsLong ? 100 : 10;
        for (var round = 0; round < rounds || (held == 0 && round < 2 * rounds); round++)
        {
            await RunAndKillAsync(folder.Path, seed, TimeSpan.FromMilliseconds(moments.Next(round < rounds ? 400 : 10_000)));

            using var budget = new RocksDbBudget(CrashProgram.Options);
            using var database = RocksDatabase.Open(folder.Path, CrashScript.Stores, budget, TimeProvider.System);
            var commits = CrashScript.CommitsIn(database);
            Assert.True(commits >= held, $"Round {round}: {commits} commits, fewer than the {held} that an earlier reader had seen.");
            for (; held < commits; held++)
                new CrashScript(seed, held).Apply(model);
            AssertSame(model, database, round, commits);
        }

        output.WriteLine($"{held} commits survived");
        Assert.True(held > 0, "No round lasted until a flush.");
    }

    private static async Task RunAndKillAsync(string folder, int seed, TimeSpan after)
    {
        using var process = Program.Start(CrashProgram.Name, folder, $"{seed}");
        Assert.Equal("running", await process.StandardOutput.ReadLineAsync());
        // The moment is the point here: any will do, and none is asserted on.
        await Task.Delay(after);
        process.Kill();
        await process.WaitForExitAsync();
    }

    private static void AssertSame(byte[]?[][] model, RocksDatabase database, int round, long commits)
    {
        for (var store = 0; store < model.Length; store++)
        {
            var expected = model[store];
            var next = 0;
            using var rows = database.Iterate(database.Family(CrashScript.Stores[store]));
            while (rows.MoveNext())
            {
                var key = BinaryPrimitives.ReadInt32BigEndian(rows.Key);
                for (; next < key; next++)
                    Assert.True(expected[next] is null, $"Round {round}, {commits} commits: key {next} of store {store} is missing.");
                Assert.True(
                    rows.Value.SequenceEqual(expected[key]), $"Round {round}, {commits} commits: key {key} of store {store} has another value.");
                next++;
            }

            for (; next < expected.Length; next++)
                Assert.True(expected[next] is null, $"Round {round}, {commits} commits: key {next} of store {store} is missing.");
        }
    }
}
