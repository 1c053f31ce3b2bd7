using System.Globalization;
using Streams.Oracle;

namespace Streams.Tests.Conformance;

/// <summary>
/// Random scenarios for every topology and its options: out of order, late, with null keys, tombstones and leaps of time. Each is given to
/// Apache Kafka Streams and to the engine. <c>STREAMS_LONG=1</c> takes 200,000 records a topology; <c>STREAMS_SEED</c> repeats a run.
/// </summary>
[Collection(OracleCollection.Name)]
public sealed class RandomScenarioTests(OracleProcess oracle)
{
    // Longer ones find no more, but the oracle's stores and the answers grow.
    private const int RecordsPerScenario = 400;

    private static readonly long Records =
        Environment.GetEnvironmentVariable("STREAMS_LONG") == "1" ? 200_000 : 0;

    private static readonly long Seed = long.Parse(
        Environment.GetEnvironmentVariable("STREAMS_SEED") ?? $"{Random.Shared.Next()}", CultureInfo.InvariantCulture);

    public static TheoryData<string> Topologies() => [.. Catalogue.All.Keys];

    [SkippableTheory]
    [MemberData(nameof(Topologies))]
    public async Task A_random_scenario_gives_what_Kafka_Streams_gives(string topology)
    {
        OracleProcess.SkipIfMissing();
        var variants = OptionVariants.Of(topology);
        var rounds = Math.Max(variants.Count, (int)(Records / RecordsPerScenario));
        var count = Records == 0 ? Math.Max(60, RecordsPerScenario / variants.Count) : RecordsPerScenario;
        for (var round = 0; round < rounds; round++)
        {
            var variant = variants[round % variants.Count];
            var scenario = WithoutDifferences(RandomScenario.Lines(topology, Seed + round, count, variant), variant);
            var expected = await oracle.AskAsync(scenario);

            var output = new List<string>();
            Scenario.Run(scenario, output.Add);

            try
            {
                Difference.AssertNone(scenario, expected, output);
            }
            catch (Xunit.Sdk.FailException difference)
            {
                Assert.Fail($"generate {topology} {Seed + round} {count} {string.Join(' ', variant)}\n{difference.Message}");
            }
        }
    }

    // A record without a key ends the application of Kafka Streams where a left join waits for its table: docs/engine-differences.md.
    private static List<string> WithoutDifferences(List<string> scenario, string[] variant)
    {
        if (scenario[0].StartsWith("topology stream-table-left ", StringComparison.Ordinal) && variant.Any(o => o.StartsWith("grace=", StringComparison.Ordinal)))
            scenario.RemoveAll(line => line.StartsWith("in stream - ", StringComparison.Ordinal));
        return scenario;
    }

    [SkippableFact]
    public async Task Equal_seeds_make_the_scenarios_that_the_oracle_makes()
    {
        OracleProcess.SkipIfMissing();
        foreach (var topology in Catalogue.All.Keys)
        {
            var scenario = RandomScenario.Lines(topology, Seed, 50, ["cache=off"]);

            Assert.Equal(await oracle.AskAsync([$"generate {topology} {Seed} 50 cache=off"]), scenario);
        }
    }
}
