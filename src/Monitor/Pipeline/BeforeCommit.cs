using Streams;

namespace Monitor.Pipeline;

/// <summary>A store that stores nothing: it tells processors that a commit is about to happen.</summary>
/// <remarks>
/// The engine flushes a task's stores first, then waits for everything produced, changelogs included, then commits the offsets: what is
/// put into a logged store in here belongs to that commit, and what is not durable when this throws is read again.
/// </remarks>
internal sealed class BeforeCommit(string name) : IStateStore
{
    private readonly List<Action> _actions = [];

    public string Name => name;

    /// <summary>How many commits were begun.</summary>
    public long Count { get; private set; }

    /// <summary>Describes one, to be connected to processors.</summary>
    public static StoreBuilder Named(string name) => Stores.Custom(name, () => new BeforeCommit(name));

    /// <summary>Calls <paramref name="action"/> before each commit.</summary>
    public void Do(Action action) => _actions.Add(action);

    public void Init(StateStoreContext context)
    {
    }

    public void Flush()
    {
        Count++;
        foreach (var action in _actions)
            action();
    }

    public void Close() => _actions.Clear();
}
