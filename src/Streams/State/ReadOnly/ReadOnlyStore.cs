using Streams.Runtime;

namespace Streams.State;

/// <summary>
/// A global store as tasks see it. Its one writer is another thread, so each read takes the gate for a moment, and lists are read from snapshots; writes are refused.
/// </summary>
internal abstract class ReadOnlyStore(IStateStore store, StateGate gate) : IStateStore
{
    public string Name => store.Name;

    protected StateGate Gate => gate;

    public void Init(StateStoreContext context) => throw Refused();

    public void Flush() => throw Refused();

    public void Close() => throw Refused();

    protected NotSupportedException Refused() =>
        new($"'{Name}' is a global store: tasks only read it. What is to be in it, write to its topic; the store's own processor puts it there.");

    /// <summary>Lists rows of the store as it is when the first is asked for.</summary>
    protected IEnumerable<T> List<TStore, T>(Func<TStore, IEnumerable<T>> look)
        where TStore : class
    {
        var snapshot = Snapshot();
        try
        {
            foreach (var row in look((TStore)snapshot))
                yield return row;
        }
        finally
        {
            (snapshot as IDisposable)?.Dispose();
        }
    }

    private object Snapshot()
    {
        var snapshots = (ISnapshots)store;
        while (true)
        {
            using var _ = gate.EnterToRead();
            if (snapshots.GetReady())
                return snapshots.Snapshot(gate);
        }
    }
}
