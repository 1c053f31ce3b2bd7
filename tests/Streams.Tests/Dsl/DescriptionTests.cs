namespace Streams.Tests.Dsl;

/// <summary>Names and connections are Kafka Streams', with and without the optimiser: its own descriptions are on file.</summary>
public sealed class DescriptionTests
{
    private static readonly Dictionary<string, Action<StreamBuilder>> _topologies = new(DescribedTopologies.All.Concat(DescribedOperators.All));

    public static TheoryData<string> Names() => [.. _topologies.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void A_topology_is_described_as_Kafka_Streams_described_it(string name) =>
        Assert.Equal(OnFile(name, "none"), Described(name, TopologyOptimization.None));

    [Theory]
    [MemberData(nameof(Names))]
    public void An_optimised_topology_is_described_as_Kafka_Streams_described_it(string name) =>
        Assert.Equal(OnFile(name, "all"), Described(name, TopologyOptimization.All));

    private static string OnFile(string name, string optimization) =>
        File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Dsl", "Descriptions", $"{name}.{optimization}.txt")).TrimEnd();

    private static string Described(string name, TopologyOptimization optimization)
    {
        var builder = new StreamBuilder();
        _topologies[name](builder);
        return builder.Build(optimization).Describe().TrimEnd();
    }
}
