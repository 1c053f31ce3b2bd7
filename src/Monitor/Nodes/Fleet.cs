using System.Collections.Concurrent;
using Streams.Contracts.V1;

namespace Monitor.Nodes;

/// <summary>How many nodes are in which state, over all partitions of this instance.</summary>
internal sealed class Fleet
{
    private readonly ConcurrentDictionary<string, FleetCount> _tasks = new();

    /// <summary>Nodes in <paramref name="state"/>.</summary>
    public long Count(NodeState state) => _tasks.Values.Sum(t => t.Of(state));

    /// <summary>Where a task counts its own; from zero, for it has just begun.</summary>
    public FleetCount Join(string task) => _tasks[task] = new();

    /// <summary>The task is closed; its nodes are counted elsewhere.</summary>
    public void Leave(string task, FleetCount count) => _tasks.TryRemove(new(task, count));
}

/// <summary>One task's nodes, by state. Written by the task, read by anyone.</summary>
internal sealed class FleetCount
{
    private readonly long[] _counts = new long[(int)Enum.GetValues<NodeState>().Max() + 1];

    public long Of(NodeState state) => Volatile.Read(ref _counts[(int)state]);

    /// <summary>A node went from one state to another; unspecified is not being there.</summary>
    public void Move(NodeState from, NodeState to)
    {
        if (from != NodeState.Unspecified)
            Interlocked.Decrement(ref _counts[(int)from]);
        if (to != NodeState.Unspecified)
            Interlocked.Increment(ref _counts[(int)to]);
    }
}
