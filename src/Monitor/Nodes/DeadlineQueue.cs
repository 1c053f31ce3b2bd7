using System.Diagnostics.CodeAnalysis;

namespace Monitor.Nodes;

/// <summary>When each node has to be looked at again: the cost is in the deadlines that pass, not in the nodes or their heartbeats.</summary>
/// <remarks>
/// A heartbeat moves a node's deadline back; that costs a look-up and nothing else, since whoever takes an expired node asks it for its true
/// deadline and puts it back. Only an earlier deadline enters the heap, so it holds about one entry a node.
/// </remarks>
internal sealed class DeadlineQueue
{
    private readonly PriorityQueue<string, long> _heap = new();
    private readonly Dictionary<string, long> _due = [];

    /// <summary>Nodes with a deadline.</summary>
    public int Count => _due.Count;

    /// <summary>Looks at <paramref name="node"/> at <paramref name="due"/> at the latest.</summary>
    public void Schedule(string node, long due)
    {
        if (_due.TryGetValue(node, out var scheduled) && scheduled <= due)
            return;

        _due[node] = due;
        _heap.Enqueue(node, due);
    }

    /// <summary>Takes a node whose time has come; schedule it again where it goes on.</summary>
    public bool TryTakeExpired(long now, [MaybeNullWhen(false)] out string node)
    {
        while (_heap.TryPeek(out node, out var due) && due <= now)
        {
            _heap.Dequeue();
            // An entry that an earlier one has replaced, or a node taken since, is not this node's deadline any more.
            if (_due.TryGetValue(node, out var scheduled) && scheduled == due)
            {
                _due.Remove(node);
                return true;
            }
        }

        node = null;
        return false;
    }
}
