using Streams;

namespace Monitor.Pipeline;

/// <summary>Passes on what <paramref name="select"/> makes of each value; nothing where it makes null.</summary>
internal sealed class Select<TIn, TOut>(Func<TIn, TOut?> select) : Processor<string, TIn, string, TOut>
    where TOut : class
{
    public override void Process(in Record<string, TIn> record)
    {
        if (record.HasValue && select(record.Value) is { } selected)
            Context.Forward(record.WithValue(selected));
    }
}
