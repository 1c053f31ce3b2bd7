using Streams.Oracle;

namespace Streams.Tests.Conformance;

/// <summary>The text of a topology, and the topics it makes for itself, are Kafka Streams'.</summary>
[Collection(OracleCollection.Name)]
public sealed class DescriptionTests(OracleProcess oracle)
{
    public static TheoryData<string> Topologies() => [.. Catalogue.All.Keys];

    [SkippableTheory]
    [MemberData(nameof(Topologies))]
    public async Task A_topology_is_described_as_Kafka_Streams_describes_it(string topology)
    {
        OracleProcess.SkipIfMissing();
        foreach (var optimize in (string[])["none", "all"])
        {
            string[] scenario = [$"topology {topology} optimize={optimize}", "describe", "topics"];
            var expected = await oracle.AskAsync(scenario);

            var output = new List<string>();
            Scenario.Run(scenario, output.Add);

            Difference.AssertNone(scenario, expected, output);
        }
    }
}
