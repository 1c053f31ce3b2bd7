namespace Streams.Processing;

/// <summary>A node of one task's graph. Nodes call each other directly: nothing is looked up, boxed or allocated per record.</summary>
internal abstract class Node(string name)
{
    public string Name { get; } = name;

    protected TaskContext Context { get; private set; } = null!;

    /// <summary>Called once, after the whole graph is linked and its stores are there.</summary>
    public void Init(TaskContext context)
    {
        Context = context;
        OnInit();
    }

    public virtual void Close()
    {
    }

    /// <summary>Makes <paramref name="child"/> the next to hear of this node's records, after those linked before.</summary>
    public abstract void Link(Node child);

    protected virtual void OnInit()
    {
    }

    /// <summary>User code failed in this node: says where, once, however deep the node lies.</summary>
    protected ProcessingException Failed(Exception error) => Context.Failed(Name, error);

    /// <summary>Whether an error is this node's own, to be told to the handler: <c>catch (Exception error) when (IsOwn(error))</c>.</summary>
    protected bool IsOwn(Exception error) => Context.IsOwn(error);
}

/// <summary>A node that takes records.</summary>
internal abstract class Node<TKey, TValue>(string name) : Node(name)
{
    private int _attempts;

    public abstract void Process(in Record<TKey, TValue> record);

    /// <summary>
    /// User code failed on a record: the handler decides. Returns where the record is dropped here, or was processed after all by trying the
    /// whole of <see cref="Process"/> again: the caller returns, too.
    /// </summary>
    /// <exception cref="ProcessingException">The handler said to stop.</exception>
    protected void Failed(Exception error, in Record<TKey, TValue> record)
    {
        _attempts++;
        try
        {
            if (TriesAgain(error, in record, _attempts))
                Process(in record);
        }
        finally
        {
            _attempts = 0;
        }
    }

    /// <summary>
    /// The same for a node that must not repeat all of its work on the record: true to call the user code again, false where the record is
    /// dropped.
    /// </summary>
    /// <param name="error">Why it failed.</param>
    /// <param name="record">The record.</param>
    /// <param name="attempt">The number of the try that failed, from 1.</param>
    /// <exception cref="ProcessingException">The handler said to stop.</exception>
    protected bool TriesAgain(Exception error, in Record<TKey, TValue> record, int attempt) =>
        Context.Errors.OnFailed(
            Context,
            new ProcessingError(
                Name,
                Context.Task,
                Context.Record,
                record.Timestamp,
                record.Headers,
                attempt,
                error,
                record.HasKey ? record.Key : null,
                record.HasValue ? (record.Value is IChange change ? change.NewValue : record.Value) : null));
}

/// <summary>A node that takes records and passes records on.</summary>
internal abstract class Node<TKeyIn, TValueIn, TKeyOut, TValueOut>(string name) : Node<TKeyIn, TValueIn>(name)
{
    private Node<TKeyOut, TValueOut>[] _children = [];

    /// <summary>The one child itself, or a stand-in for none or many: forwarding is always one virtual call.</summary>
    protected Node<TKeyOut, TValueOut> Next { get; private set; } = Nowhere<TKeyOut, TValueOut>.Instance;

    protected ReadOnlySpan<Node<TKeyOut, TValueOut>> Children => _children;

    public sealed override void Link(Node child)
    {
        if (child is not Node<TKeyOut, TValueOut> typed)
        {
            throw new TopologyException(
                $"'{child.Name}' cannot take what its parent '{Name}' sends: records of {typeof(TKeyOut).Name} and {typeof(TValueOut).Name}. " +
                "Give both the same key and value types.");
        }

        _children = [.. _children, typed];
        Next = _children.Length == 1 ? typed : new FanOut<TKeyOut, TValueOut>(_children);
    }
}

/// <summary>Passes each record to several nodes, in the order in which they were added.</summary>
internal sealed class FanOut<TKey, TValue>(Node<TKey, TValue>[] nodes) : Node<TKey, TValue>("")
{
    public override void Process(in Record<TKey, TValue> record)
    {
        foreach (var node in nodes)
            node.Process(in record);
    }

    public override void Link(Node child) => throw new NotSupportedException();
}

/// <summary>Where the records of a node without children go.</summary>
internal sealed class Nowhere<TKey, TValue>() : Node<TKey, TValue>("")
{
    public static readonly Nowhere<TKey, TValue> Instance = new();

    public override void Process(in Record<TKey, TValue> record)
    {
    }

    public override void Link(Node child) => throw new NotSupportedException();
}
