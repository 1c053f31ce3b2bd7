using System.Globalization;
using Streams.Oracle;
using Xunit;

namespace Streams.RocksDb.Tests.Conformance;

/// <summary>
/// Scenario outputs do not depend on the store: RocksDB gives what stores in memory with its order and expiry give, whether rows still wait for a write
/// or are read back from RocksDB. What those give is held to Apache Kafka Streams by the tests of the engine.
/// </summary>
public sealed class AnyStoreTests : IClassFixture<AnyStoreTests.Engines>
{
    private static readonly int Rounds = TaskState.IsLong ? 20 : 1;

    private static readonly long Seed = long.Parse(
        Environment.GetEnvironmentVariable("STREAMS_SEED") ?? $"{Random.Shared.Next()}", CultureInfo.InvariantCulture);

    private static readonly string[][] Always = [["internal=on"], ["internal=on", "cache=off"]];
    private static readonly string[] LongOnly = ["versioned=20000", "grace=5000", "retention=600000", "duplicates=on", "advance=3000", "emit=close"];

    private readonly Engines _engines;

    public AnyStoreTests(Engines engines) => _engines = engines;

    public static TheoryData<string> Recorded() => [.. RecordedScenarios.Names];

    public static TheoryData<string> Topologies() => [.. Catalogue.All.Keys];

    [SkippableTheory]
    [MemberData(nameof(Recorded))]
    public void A_recorded_scenario_gives_the_same_on_any_store(string name)
    {
        TaskState.SkipWhereMissing();
        var lines = RecordedScenarios.Read(name);

        AssertSame(lines);
    }

    [SkippableTheory]
    [MemberData(nameof(Topologies))]
    public void A_random_scenario_gives_the_same_on_any_store(string topology)
    {
        TaskState.SkipWhereMissing();
        for (var round = 0; round < Rounds; round++)
        {
            foreach (var variant in Variants(topology))
                AssertSame(RandomScenario.Lines(topology, Seed + round, 150, variant));
        }
    }

    private static IEnumerable<string[]> Variants(string topology)
    {
        if (!TaskState.IsLong)
            return Always;

        // A join with a table waits for time to pass only where the table has versions.
        var options = Catalogue.Find(topology).Options;
        return Always.Concat(LongOnly
            .Where(option => options.Contains(option[..(option.IndexOf('=') + 1)], StringComparison.Ordinal))
            .Where(option => (topology, option) is not ("suppress-table", "versioned=20000")) // which no topology may ask for
            .Select(option => option == "grace=5000" && options.Contains("versioned=", StringComparison.Ordinal) ? ["versioned=20000", option] : (string[])[option]));
    }

    private void AssertSame(IReadOnlyList<string> scenario)
    {
        var expected = Run(scenario, null);

        Assert.Equal(expected, Run(scenario, _engines.Waiting));
        Assert.Equal(expected, Run(scenario, _engines.Written));
    }

    private static List<string> Run(IReadOnlyList<string> scenario, StoreEngine? onDisk)
    {
        var output = new List<string>();
        Scenario.Run(scenario, output.Add, onDisk);
        return output;
    }

    /// <summary>RocksDB as it is, and with each commit written at once.</summary>
    public sealed class Engines : IDisposable
    {
        private readonly Lazy<RocksDbStores> _waiting = new(() => new RocksDbStores(new() { MemoryBytes = 16 << 20 }));
        private readonly Lazy<RocksDbStores> _written = new(() => new RocksDbStores(new() { MemoryBytes = 16 << 20, WritesEachCommit = true }));

        internal RocksDbStores Waiting => _waiting.Value;

        internal RocksDbStores Written => _written.Value;

        public void Dispose()
        {
            if (_waiting.IsValueCreated)
                Waiting.Dispose();
            if (_written.IsValueCreated)
                Written.Dispose();
        }
    }
}
