using Google.Protobuf.WellKnownTypes;
using Monitor.State;
using Streams.Contracts.V1;

namespace Monitor.Nodes;

/// <summary>A node's state machine: what a heartbeat, the passing of time or an operator makes of a node. Pure functions.</summary>
/// <remarks>
/// <code>
///              1.5 intervals          k intervals
///  (new) ──► Up ───────────► Suspect ───────────► Down ──┐
///            ▲ ◄──── beat ─────┘                   │     │ the nth change within the window
///            ├───────────── beat ──────────────────┘     ▼
///            └── a window without a change ────────── Flapping ──► Down, where silent when its window ends
///
///  any ── goodbye ──► Left ── beat ──► Up        any ── asked for ──► Maintenance ── its end ──► Up or Suspect
/// </code>
/// <para>Times are the gateway's, in milliseconds since 1970-01-01 UTC. A change by time-out is dated to its deadline, not to the moment
/// that someone looked: judging the same silence twice, after a crash, tells the same event twice rather than two events.</para>
/// <para>A status is never written to once it was returned: each function answers with a new one.</para>
/// </remarks>
internal static class NodeJudge
{
    /// <summary>A sign of life was received.</summary>
    /// <param name="before">The node as it was; null where it was never seen.</param>
    /// <param name="beat">The heartbeat.</param>
    /// <param name="at">When the gateway received it.</param>
    /// <param name="rules">How silence is judged.</param>
    public static Judgement Hear(NodeStatus? before, Heartbeat beat, long at, DetectionOptions rules)
    {
        var after = before?.Clone() ?? new NodeStatus { NodeId = beat.NodeId, FirstSeen = at };
        after.LastSeen = Math.Max(after.LastSeen, at);
        after.Interval = Interval(beat, rules);
        after.Latest = beat;

        if (beat.Reported == NodeState.Left)
            return Move(before, after, NodeState.Left, at, "said goodbye");
        if (after.MaintenanceUntil > at)
            return Move(before, after, NodeState.Maintenance, at, "in maintenance");
        if (beat.Reported == NodeState.Maintenance)
            return Move(before, after, NodeState.Maintenance, at, "reported maintenance");

        switch (after.State)
        {
            case NodeState.Down:
                Change(after, at, rules);
                return IsFlapping(after, rules)
                    ? Move(before, after, NodeState.Flapping, at, FlappingReason(rules))
                    : Move(before, after, NodeState.Up, at, $"beats again after {Seconds(at - before!.LastSeen)} s");

            case NodeState.Flapping:
                if (after.Silent)
                {
                    after.Silent = false;
                    Change(after, at, rules);
                }

                return new(after, null);

            case NodeState.Unspecified:
                return Move(before, after, NodeState.Up, at, "first heartbeat");
            case NodeState.Suspect:
                return Move(before, after, NodeState.Up, at, "beats again");
            case NodeState.Left:
                return Move(before, after, NodeState.Up, at, "came back");
            case NodeState.Maintenance:
                return Move(before, after, NodeState.Up, at, "maintenance ended");
            default:
                return new(after, null);
        }
    }

    /// <summary>Time passed. Makes one change at most: ask again until there is none.</summary>
    /// <param name="status">The node.</param>
    /// <param name="now">The time up to which it is known that nothing was heard.</param>
    /// <param name="floor">Silence before this time does not count.</param>
    /// <param name="rules">How silence is judged.</param>
    /// <returns>The same status and no event where nothing was due; no status where the node is to be forgotten.</returns>
    public static Judgement Pass(NodeStatus status, long now, long floor, DetectionOptions rules)
    {
        if (Deadline(status, floor, rules) is not { } due || due > now)
            return new(status, null);

        var after = status.Clone();
        switch (status.State)
        {
            case NodeState.Up:
                return Move(status, after, NodeState.Suspect, due, $"nothing heard for {Seconds(due - status.LastSeen)} s");

            case NodeState.Suspect:
                Change(after, due, rules);
                if (!IsFlapping(after, rules))
                    return Move(status, after, NodeState.Down, due, $"{rules.MissedIntervals} heartbeats missed");
                after.Silent = true;
                return Move(status, after, NodeState.Flapping, due, FlappingReason(rules));

            case NodeState.Flapping when due == CalmAt(status, rules):
                after.Changes.Clear();
                after.Silent = false;
                return status.Silent
                    ? Move(status, after, NodeState.Down, due, $"silent, and no change for {Seconds(rules.FlappingWindow)} s")
                    : Move(status, after, NodeState.Up, due, $"no change for {Seconds(rules.FlappingWindow)} s");

            case NodeState.Flapping:
                after.Silent = true;
                Change(after, due, rules);
                return new(after, null);

            case NodeState.Maintenance:
                // Silence during maintenance was allowed: it counts from here.
                after.MaintenanceUntil = 0;
                after.JudgeFrom = due;
                return due >= status.LastSeen + SuspectAfter(status)
                    ? Move(status, after, NodeState.Suspect, due, "maintenance ended, nothing heard yet")
                    : Move(status, after, NodeState.Up, due, "maintenance ended");

            default:
                return new(null, null);
        }
    }

    /// <summary>Someone asked for maintenance, or ended it.</summary>
    /// <param name="status">The node.</param>
    /// <param name="until">When it ends; a time that has passed ends it now.</param>
    /// <param name="now">The time of asking.</param>
    public static Judgement Maintain(NodeStatus status, long until, long now)
    {
        var after = status.Clone();
        if (until > now)
        {
            after.MaintenanceUntil = until;
            after.Silent = false;
            after.Changes.Clear();
            return Move(status, after, NodeState.Maintenance, now, "in maintenance");
        }

        if (status.State != NodeState.Maintenance)
            return new(status, null);

        after.MaintenanceUntil = 0;
        after.JudgeFrom = now;
        return now >= status.LastSeen + SuspectAfter(status)
            ? Move(status, after, NodeState.Suspect, now, "maintenance ended, nothing heard yet")
            : Move(status, after, NodeState.Up, now, "maintenance ended");
    }

    /// <summary>When <see cref="Pass"/> next has something to do; null where only a heartbeat or a person changes anything.</summary>
    public static long? Deadline(NodeStatus status, long floor, DetectionOptions rules)
    {
        var silentFrom = Math.Max(status.LastSeen, Math.Max(status.JudgeFrom, floor));
        return status.State switch
        {
            NodeState.Up => silentFrom + SuspectAfter(status),
            NodeState.Suspect => Math.Max(silentFrom + (status.Interval * rules.MissedIntervals), status.StateSince),
            NodeState.Flapping when status.Silent => CalmAt(status, rules),
            NodeState.Flapping => Math.Min(silentFrom + (status.Interval * rules.MissedIntervals), CalmAt(status, rules)),
            NodeState.Maintenance when status.MaintenanceUntil > 0 => status.MaintenanceUntil,
            NodeState.Down or NodeState.Left => status.StateSince + (long)rules.ForgetAfter.TotalMilliseconds,
            _ => null,
        };
    }

    /// <summary>How many heartbeats are overdue at <paramref name="now"/>.</summary>
    public static ulong Missed(NodeStatus status, long now) =>
        status.State is NodeState.Left || status.Interval == 0 ? 0 : (ulong)Math.Max(0, (now - status.LastSeen) / status.Interval);

    // Half an interval of patience: a heartbeat that is a little late says nothing.
    private static long SuspectAfter(NodeStatus status) => status.Interval + (status.Interval / 2);

    private static long CalmAt(NodeStatus status, DetectionOptions rules) =>
        (status.Changes.Count == 0 ? status.StateSince : status.Changes[^1]) + (long)rules.FlappingWindow.TotalMilliseconds;

    private static void Change(NodeStatus status, long at, DetectionOptions rules)
    {
        status.Changes.Add(at);
        while (status.Changes.Count > rules.FlappingChanges || at - status.Changes[0] > (long)rules.FlappingWindow.TotalMilliseconds)
            status.Changes.RemoveAt(0);
    }

    private static bool IsFlapping(NodeStatus status, DetectionOptions rules) => status.Changes.Count >= rules.FlappingChanges;

    private static string FlappingReason(DetectionOptions rules) =>
        $"{rules.FlappingChanges} changes within {Seconds(rules.FlappingWindow)} s";

    private static long Interval(Heartbeat beat, DetectionOptions rules)
    {
        var stated = beat.Interval is { } interval ? (interval.Seconds * 1000) + (interval.Nanos / 1_000_000) : 0;
        return stated <= 0 ? (long)rules.DefaultInterval.TotalMilliseconds : Math.Clamp(stated, 50, 3_600_000);
    }

    private static Judgement Move(NodeStatus? before, NodeStatus after, NodeState to, long at, string reason)
    {
        var from = before?.State ?? NodeState.Unspecified;
        after.State = to;
        if (from == to)
            return new(after, null);

        after.StateSince = at;
        if (from == NodeState.Flapping)
            after.Silent = false;
        if (to is NodeState.Left)
            after.Changes.Clear();
        var silence = Math.Max(0, at - (before?.LastSeen ?? at));
        return new(after, new NodeStatus.Types.Change
        {
            PreviousSince = before?.StateSince ?? 0,
            Event = new()
            {
                NodeId = after.NodeId,
                From = from,
                To = to,
                At = Milliseconds.ToTimestamp(at),
                LastSeen = Milliseconds.ToTimestamp(before?.LastSeen ?? at),
                Silence = Duration.FromTimeSpan(TimeSpan.FromMilliseconds(silence)),
                Reason = reason,
            },
        });
    }

    private static string Seconds(TimeSpan time) => Seconds((long)time.TotalMilliseconds);

    private static string Seconds(long ms) => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{ms / 1000.0:0.###}");
}

/// <summary>What became of a node.</summary>
/// <param name="Status">The node now; null where it is to be forgotten.</param>
/// <param name="Change">Its change of state; null where there was none.</param>
internal readonly record struct Judgement(NodeStatus? Status, NodeStatus.Types.Change? Change);
