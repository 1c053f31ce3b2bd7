using Streams.Oracle.Topologies;

namespace Streams.Oracle;

/// <summary>Every topology, in the oracle's order.</summary>
internal static class Catalogue
{
    public static IReadOnlyDictionary<string, TopologySpec> All { get; } = new OrderedDictionary<string, TopologySpec>(
        new[]
        {
            Stateless.All,
            Aggregations.All,
            WindowedAggregations.All,
            Suppressions.All,
            StreamJoins.All,
            TableJoins.All,
            Cogroups.All,
            Tables.All,
            Processors.All,
            StoreProcessors.All,
            Failures.All,
        }.SelectMany(family => family).Select(spec => KeyValuePair.Create(spec.Name, spec)));

    /// <exception cref="ScenarioException">There is none of that name.</exception>
    public static TopologySpec Find(string name) =>
        All.TryGetValue(name, out var spec) ? spec : throw new ScenarioException($"There is no topology '{name}'.");
}
