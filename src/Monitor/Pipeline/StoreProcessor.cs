using Monitor.LogStore;
using Streams;

namespace Monitor.Pipeline;

/// <summary>Hands each record to a store, which holds them all before a commit passes.</summary>
/// <param name="store">The store.</param>
/// <param name="commitName">What tells of a commit.</param>
/// <param name="add">Hands one record over.</param>
internal sealed class StoreProcessor<T>(ILogStore store, string commitName, StoreProcessor<T>.Adding add) : Processor<string, T, string, T>
{
    /// <summary>Hands a record over.</summary>
    public delegate void Adding(in Record<string, T> record, RecordMetadata source);

    public override void Init() => Context.GetStateStore<BeforeCommit>(commitName).Do(store.Flush);

    public override void Process(in Record<string, T> record)
    {
        if (record.HasValue)
            add(in record, Context.RecordMetadata!.Value);
    }
}
