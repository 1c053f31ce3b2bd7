using Streams;
using Streams.TestKit;

namespace Benchmarks.Engine;

/// <summary>One row of the driver benchmark: a topology, a number of keys, a kind of store.</summary>
/// <param name="Name">The row's name; the peer's rows have the same.</param>
/// <param name="Keys">How many keys there are.</param>
/// <param name="Topology">Makes the topology; it reads <c>in</c>.</param>
internal sealed record DriverRow(string Name, int Keys, Func<Topology> Topology)
{
    public static IReadOnlyList<DriverRow> All { get; } =
    [
        new("filter keys=1000", 1_000, () => BenchmarkTopology.Filter("in", "out")),
        new("count-inmemory keys=1000", 1_000, () => BenchmarkTopology.WindowedCount("in", "out", store => store)),
        new("count-inmemory keys=100000", 100_000, () => BenchmarkTopology.WindowedCount("in", "out", store => store)),
    ];

    /// <summary>Makes the settings.</summary>
    public Func<StreamConfig> Config { get; init; } = () => new StreamConfig { ApplicationId = "bench" };

    /// <summary>Fills what the measured records need, such as a table.</summary>
    public Action<TopologyTestDriver, string[]>? Prepare { get; init; }
}
