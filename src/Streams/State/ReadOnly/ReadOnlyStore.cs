using Streams.Runtime;

namespace Streams.State;

/// <summary>
/// A global store as tasks see it. Its one writer is another thread, so each read takes the gate for a moment, and lists are copies; writes are refused.
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

    protected List<T> Copy<T>(Func<IEnumerable<T>> read)
    {
        using var _ = gate.EnterToRead();
        return [.. read()];
    }
}
