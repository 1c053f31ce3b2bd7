namespace Streams;

/// <summary>A node of your own: sees each record, keeps state, schedules punctuations, forwards what it likes.</summary>
/// <remarks>
/// One instance per task, made by the supplier given to <c>Process</c> or <see cref="Topology"/>; the engine calls it from one thread at a time.
/// </remarks>
public abstract class Processor<TKeyIn, TValueIn, TKeyOut, TValueOut>
{
    private ProcessorContext<TKeyOut, TValueOut>? _context;

    /// <summary>The way to stores, children, times and punctuations. There from <c>Init</c> on.</summary>
    protected ProcessorContext<TKeyOut, TValueOut> Context =>
        _context ?? throw new InvalidOperationException("The context is there from Init on: take stores and schedule punctuations in Init, not in the constructor.");

    /// <summary>Called once, before the first record: take stores and schedule punctuations here.</summary>
    public virtual void Init()
    {
    }

    /// <summary>Called for each record.</summary>
    public abstract void Process(in Record<TKeyIn, TValueIn> record);

    /// <summary>Called once, when the task is closed. The engine closes the stores.</summary>
    public virtual void Close()
    {
    }

    internal void Open(ProcessorContext<TKeyOut, TValueOut> context)
    {
        _context = _context is null ? context : throw context.GivenTwice();
        Init();
    }
}

/// <summary>A processor that forwards nothing: the end of its branch.</summary>
public abstract class Processor<TKeyIn, TValueIn> : Processor<TKeyIn, TValueIn, Nothing, Nothing>;

/// <summary>The type of what is never sent.</summary>
public sealed class Nothing
{
    private Nothing()
    {
    }
}
