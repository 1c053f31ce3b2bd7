using Monitor.Pipeline;
using Monitor.State;
using Streams.Contracts.V1;

namespace Monitor.Nodes;

/// <summary>Which alerts a node's change begins and ends. One and the same change always answers the same.</summary>
internal static class NodeAlerts
{
    /// <summary>The alerts of a change: the one that ends first.</summary>
    public static IEnumerable<(string Id, Alert Alert)> Of(NodeStatus.Types.Change change)
    {
        var told = change.Event;
        if (What(told.From) is { } ended)
        {
            var alert = Begun(ended, told.From, told.NodeId, change.PreviousSince, told);
            alert.Summary = $"{told.NodeId} is no longer {ended}: {told.Reason}";
            alert.Ends = told.At;
            yield return (Id(alert, change.PreviousSince), alert);
        }

        if (What(told.To) is { } begun)
        {
            var since = Milliseconds.From(told.At);
            var alert = Begun(begun, told.To, told.NodeId, since, told);
            yield return (Id(alert, since), alert);
        }
    }

    private static string? What(NodeState state) => state switch
    {
        NodeState.Down => "down",
        NodeState.Flapping => "flapping",
        _ => null,
    };

    private static string Id(Alert alert, long since) => $"{alert.Fingerprint}:{alert.NodeId}:{since}";

    private static Alert Begun(string what, NodeState state, string nodeId, long since, NodeEvent told) => new()
    {
        Fingerprint = AlertFingerprint.Of(nodeId, what),
        Kind = AlertKind.Node,
        Severity = state == NodeState.Down ? Severity.Error : Severity.Warn,
        NodeId = nodeId,
        Summary = $"{nodeId} is {what}: {told.Reason}",
        Starts = Milliseconds.ToTimestamp(since),
        Count = 1,
        Node = told,
    };
}
