using Google.Protobuf.WellKnownTypes;
using Monitor.Nodes;
using Monitor.State;
using Streams.Contracts.V1;

namespace Monitor.Queries;

/// <summary>What the stores hold, as callers see it.</summary>
internal static class NodeViews
{
    public static Node Of(NodeStatus status, long now)
    {
        var node = new Node
        {
            NodeId = status.NodeId,
            State = status.State,
            FirstSeen = Milliseconds.ToTimestamp(status.FirstSeen),
            LastSeen = Milliseconds.ToTimestamp(status.LastSeen),
            StateSince = Milliseconds.ToTimestamp(status.StateSince),
            Interval = Milliseconds.ToDuration(status.Interval),
            HeartbeatsMissed = NodeJudge.Missed(status, now),
        };
        if (status.Latest is { } latest)
        {
            node.Vitals = latest.Vitals;
            node.Version = latest.Version;
            node.Labels.Add(latest.Labels);
            node.Services.Add(latest.Services);
        }

        if (status.MaintenanceUntil > 0)
            node.MaintenanceUntil = Milliseconds.ToTimestamp(status.MaintenanceUntil);
        return node;
    }

    /// <summary>A window, with as many heartbeats expected as were due in the part of it that has passed.</summary>
    public static HeartbeatWindow Of(string nodeId, HeartbeatTally tally, long start, long size, long now)
    {
        var from = Math.Max(start, tally.FirstSeen);
        var to = Math.Min(start + size, now);
        var due = tally.Interval == 0 ? 0 : (ulong)Math.Max(0, (to - from) / tally.Interval);
        return new()
        {
            NodeId = nodeId,
            Start = Milliseconds.ToTimestamp(start),
            End = Milliseconds.ToTimestamp(start + size),
            Received = tally.Received,
            // The heartbeat that opens the count is due too.
            Expected = tally.FirstSeen > 0 ? due + 1 : due,
            MaxGap = Milliseconds.ToDuration(tally.MaxGap),
            MeanJitter = Milliseconds.ToDuration(tally.Gaps == 0 ? 0 : tally.JitterSum / (long)tally.Gaps),
        };
    }
}
