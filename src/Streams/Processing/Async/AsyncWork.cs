namespace Streams.Processing;

/// <summary>
/// A task's calls in flight: nodes whose results come later, while the task goes on with other records. All of it runs on the task's thread; only the
/// users' calls themselves run elsewhere.
/// </summary>
/// <remarks>
/// A commit first waits for all of it (<see cref="Finish"/>): an input offset is committed only when the results of all records before it have gone
/// on, and whatever state they changed is part of the same commit.
/// </remarks>
internal sealed class AsyncWork
{
    private readonly List<IAsyncNode> _nodes = [];

    /// <summary>Whether any call's result has not gone on yet.</summary>
    public bool IsWaiting
    {
        get
        {
            foreach (var node in _nodes)
            {
                if (node.Oldest is not null)
                    return true;
            }

            return false;
        }
    }

    /// <summary>Whether a node has as many calls in flight as it may: one more record would have to wait inside it.</summary>
    public bool IsFull
    {
        get
        {
            foreach (var node in _nodes)
            {
                if (node.IsFull)
                    return true;
            }

            return false;
        }
    }

    /// <summary>Nodes further up first, as they are opened: what one sends on may begin calls in the next.</summary>
    public void Add(IAsyncNode node) => _nodes.Add(node);

    /// <summary>Sends on the results that are there and have none before them outstanding.</summary>
    /// <returns>How many.</returns>
    public int SendCompleted()
    {
        var sent = 0;
        foreach (var node in _nodes)
            sent += node.SendCompleted();
        return sent;
    }

    /// <summary>Waits for every call and sends on every result.</summary>
    public void Finish(CancellationToken stop)
    {
        foreach (var node in _nodes)
            node.Finish(stop);
    }

    /// <summary>Drops every call: their records will be read again.</summary>
    public void Abandon()
    {
        foreach (var node in _nodes)
            node.Abandon();
    }

    /// <summary>Adds the calls for which their nodes wait.</summary>
    public void CollectOldest(List<Task> calls)
    {
        foreach (var node in _nodes)
        {
            if (node.Oldest is { } oldest)
                calls.Add(oldest);
        }
    }
}

/// <summary>A node whose results come later.</summary>
internal interface IAsyncNode
{
    /// <summary>The call whose result goes on next; null where none is in flight.</summary>
    Task? Oldest { get; }

    bool IsFull { get; }

    int SendCompleted();

    void Finish(CancellationToken stop);

    void Abandon();
}
