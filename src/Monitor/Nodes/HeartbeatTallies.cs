using Monitor.State;
using Streams;

namespace Monitor.Nodes;

/// <summary>Counts each node's heartbeats by window.</summary>
internal sealed class HeartbeatTallies(IWindowStore<string, HeartbeatTally> store, TimeSpan windowSize)
{
    private readonly long _size = (long)windowSize.TotalMilliseconds;

    /// <summary>Counts a heartbeat, once: each window remembers the input offset up to which it has counted.</summary>
    /// <param name="before">The node before this heartbeat; null where it is the first.</param>
    /// <param name="after">The node after it.</param>
    /// <param name="at">When the gateway received it.</param>
    /// <param name="offset">The heartbeat's input offset.</param>
    public void Count(NodeStatus? before, NodeStatus after, long at, long offset)
    {
        var start = at - (at % _size);
        if (!store.TryFetch(after.NodeId, start, out var counted))
            counted = new() { Offset = -1 };
        if (counted.Offset >= offset)
            return;

        var tally = counted.Clone();
        tally.Received++;
        tally.Interval = after.Interval;
        tally.Offset = offset;
        if (before is null)
            tally.FirstSeen = at;
        if (before is { State: not Streams.Contracts.V1.NodeState.Left } && at >= before.LastSeen)
        {
            var gap = at - before.LastSeen;
            tally.MaxGap = Math.Max(tally.MaxGap, gap);
            tally.JitterSum += Math.Abs(gap - after.Interval);
            tally.Gaps++;
        }

        store.Put(after.NodeId, tally, start);
    }
}
