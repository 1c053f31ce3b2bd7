using Streams.Contracts.V1;

namespace Cli.Up;

/// <summary>One look at the running system.</summary>
/// <param name="RecordsIn">Log records that the gateway has written to Kafka since the start.</param>
/// <param name="RecordsInPerSecond">The same, lately.</param>
/// <param name="RecordsStored">Log records that the monitor has stored since the start.</param>
/// <param name="RecordsStoredPerSecond">The same, lately.</param>
/// <param name="Alerts">Alerts raised since the start.</param>
/// <param name="Nodes">Nodes by state; null while the monitor does not answer.</param>
internal sealed record SystemStatus(
    long RecordsIn,
    double RecordsInPerSecond,
    long RecordsStored,
    double RecordsStoredPerSecond,
    long Alerts,
    IReadOnlyDictionary<NodeState, int>? Nodes)
{
    public string NodesText =>
        Nodes is null ? "nodes unknown (the monitor does not answer yet)"
        : Nodes.Count == 0 ? "no nodes yet"
        : string.Join(", ", Nodes.OrderBy(entry => entry.Key).Select(entry => $"{entry.Value} {$"{entry.Key}".ToLowerInvariant()}"));

    public override string ToString() =>
        $"records {RecordsIn:N0} in ({RecordsInPerSecond:N0}/s), {RecordsStored:N0} stored ({RecordsStoredPerSecond:N0}/s); "
        + $"nodes: {NodesText}; alerts: {Alerts:N0}";
}
