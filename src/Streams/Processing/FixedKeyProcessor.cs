namespace Streams;

/// <summary>
/// A node of your own that cannot change a record's key: grouping or joining after it needs no repartition topic, and nothing can break that.
/// </summary>
/// <remarks>
/// One instance per task, made by the supplier given to <c>ProcessValues</c>; the engine calls it from one thread at a time. What it forwards is
/// made from the records that it gets, so a punctuation, which has none, can only use stores. Source: KIP-820.
/// </remarks>
public abstract class FixedKeyProcessor<TKey, TValueIn, TValueOut>
{
    private FixedKeyProcessorContext<TKey, TValueOut>? _context;

    /// <summary>The way to stores, children, times and punctuations. There from <c>Init</c> on.</summary>
    protected FixedKeyProcessorContext<TKey, TValueOut> Context =>
        _context ?? throw new InvalidOperationException("The context is there from Init on: take stores and schedule punctuations in Init, not in the constructor.");

    /// <summary>Called once, before the first record: take stores and schedule punctuations here.</summary>
    public virtual void Init()
    {
    }

    /// <summary>Called for each record.</summary>
    public abstract void Process(in FixedKeyRecord<TKey, TValueIn> record);

    /// <summary>Called once, when the task is closed. The engine closes the stores.</summary>
    public virtual void Close()
    {
    }

    internal void Open(FixedKeyProcessorContext<TKey, TValueOut> context)
    {
        _context = _context is null ? context : throw context.GivenTwice();
        Init();
    }
}

/// <summary>What a fixed-key processor can reach: its children, its stores, the times of its task, punctuations.</summary>
public sealed class FixedKeyProcessorContext<TKey, TValueOut> : ProcessingContext
{
    private readonly ProcessorContext<TKey, TValueOut> _context;

    internal FixedKeyProcessorContext(ProcessorContext<TKey, TValueOut> context)
        : base(context)
    {
        _context = context;
    }

    /// <summary>Sends a record to every child.</summary>
    public void Forward(in FixedKeyRecord<TKey, TValueOut> record) => _context.Forward(record.Record);

    /// <summary>Sends a record to the child called <paramref name="child"/> alone.</summary>
    /// <exception cref="StreamsException">No child has that name.</exception>
    public void Forward(in FixedKeyRecord<TKey, TValueOut> record, string child) => _context.Forward(record.Record, child);
}

/// <summary>Runs a fixed-key processor where any processor runs.</summary>
internal sealed class FixedKeyAdapter<TKey, TValueIn, TValueOut>(FixedKeyProcessor<TKey, TValueIn, TValueOut> inner)
    : Processor<TKey, TValueIn, TKey, TValueOut>
{
    public override void Init() => inner.Open(new(Context));

    public override void Process(in Record<TKey, TValueIn> record) => inner.Process(new FixedKeyRecord<TKey, TValueIn>(in record));

    public override void Close() => inner.Close();
}
