using Streams.Processing;

namespace Streams;

/// <summary>
/// Makes another value of each of a table's, with state of its own: what <see cref="KTable{TKey, TValue}.TransformValues{TNewValue}"/> hosts. Kafka
/// Streams' <c>ValueTransformerWithKey</c>.
/// </summary>
/// <remarks>
/// One instance per task - and one more for each join that reads the table where it keeps no store: what the instances are to share lies in
/// stores. The engine calls it from one thread at a time. It forwards nothing: a value is its answer.
/// </remarks>
public abstract class ValueTransformer<TKey, TValue, TNewValue>
{
    private ProcessorContext<Nothing, Nothing>? _context;

    /// <summary>The way to stores and times. There from <see cref="Init"/> on.</summary>
    protected ProcessorContext<Nothing, Nothing> Context =>
        _context ?? throw new InvalidOperationException("The context is there from Init on: take stores in Init, not in the constructor.");

    /// <summary>Called once, before the first value: take stores here.</summary>
    public virtual void Init()
    {
    }

    /// <summary>The new value; null deletes the key.</summary>
    /// <param name="key">The key.</param>
    /// <param name="value">The table's value; null, or default for value types, where the key was deleted.</param>
    public abstract TNewValue? Transform(TKey key, TValue? value);

    /// <summary>Called once, when the task is closed. The engine closes the stores.</summary>
    public virtual void Close()
    {
    }

    internal void OpenIn(TaskContext context, string node, IReadOnlySet<string> stores)
    {
        var own = new ProcessorContext<Nothing, Nothing>(context, new Forwarding(node), stores);
        _context = _context is null ? own : throw own.GivenTwice();
        try
        {
            Init();
        }
        catch (Exception error) when (error is not StreamsException)
        {
            throw new StreamsException($"The transformer of '{node}' in task {context.Task} failed in Init: {error.Message}", error);
        }
    }

    internal void CloseIn(TaskContext context, string node)
    {
        try
        {
            Close();
        }
        catch (Exception error) when (error is not StreamsException)
        {
            throw new StreamsException($"The transformer of '{node}' in task {context.Task} failed while closing: {error.Message}", error);
        }
    }

    private sealed class Forwarding(string node) : IForwarder<Nothing, Nothing>
    {
        public string Name => node;

        public void Forward(in Record<Nothing, Nothing> record) => throw Forbidden();

        public void Forward(in Record<Nothing, Nothing> record, string child) => throw Forbidden();

        private StreamsException Forbidden() =>
            new($"The transformer of '{node}' cannot forward: return the new value, or use KStream.Process, which may send any number of records.");
    }
}
