using Streams.Processing;

namespace Streams;

/// <summary>What every processor can reach: its stores, the times of its task, punctuations.</summary>
public abstract class ProcessingContext
{
    private readonly IReadOnlySet<string> _stores;

    private protected ProcessingContext(TaskContext task, string node, IReadOnlySet<string> stores)
    {
        Task = task;
        Node = node;
        _stores = stores;
    }

    private protected ProcessingContext(ProcessingContext other)
        : this(other.Task, other.Node, other._stores)
    {
    }

    /// <summary>The task that this processor belongs to.</summary>
    public TaskId TaskId => Task.Task;

    /// <summary>The application's id.</summary>
    public string ApplicationId => Task.ApplicationId;

    /// <summary>Where the current record was read from; null while punctuating.</summary>
    public RecordMetadata? RecordMetadata => Task.Topic is { } topic ? new(topic, Task.Partition, Task.Offset) : null;

    /// <summary>The greatest record timestamp that the task has seen, in milliseconds since 1970-01-01 UTC; −1 before the first record.</summary>
    public long StreamTime => Task.StreamTime;

    /// <summary>The clock on the wall, as the application's <see cref="TimeProvider"/> (or the test driver) shows it.</summary>
    public DateTimeOffset WallClockTime => Task.Time.GetUtcNow();

    private protected TaskContext Task { get; }

    private protected string Node { get; }

    /// <summary>A store that this processor was connected to when the topology was built.</summary>
    /// <exception cref="TopologyException">It is not connected, or of another type; the message says what to do.</exception>
    public TStore GetStateStore<TStore>(string name)
        where TStore : class
    {
        if (!_stores.Contains(name) && !Task.IsGlobalStore(name))
        {
            throw new TopologyException(
                $"Processor '{Node}' is not connected to a store '{name}': name it where the processor is added " +
                $"(stores: [\"{name}\"]). Connected are: {(_stores.Count == 0 ? "none" : string.Join(", ", _stores))}.");
        }

        return Task.Stores[name] as TStore
            ?? throw new TopologyException($"Store '{name}' is a {TypeName.Of(Task.Stores[name].GetType())}, not a {TypeName.Of(typeof(TStore))}.");
    }

    /// <summary>Calls <paramref name="callback"/> again and again. A callback gets the time on the clock that moved it.</summary>
    /// <param name="interval">At least one millisecond. A leap over several intervals calls once.</param>
    /// <param name="type">The clock.</param>
    /// <param name="callback">Told the time, in milliseconds since 1970-01-01 UTC.</param>
    /// <returns>Dispose it to cancel.</returns>
    /// <exception cref="TopologyException">The processor fills a global store.</exception>
    public Punctuation Schedule(TimeSpan interval, PunctuationType type, Action<long> callback)
    {
        ArgumentNullException.ThrowIfNull(callback);
        var ms = (long)interval.TotalMilliseconds;
        ArgumentOutOfRangeException.ThrowIfLessThan(ms, 1, nameof(interval));

        if (Task.IsGlobal)
            throw new TopologyException($"Processor '{Node}' fills a global store and cannot schedule: it is called only for records of the store's topic.");

        // Stream time is aligned to 0, so that tasks and restarts punctuate at the same times; the wall clock starts now.
        var streamTime = type == PunctuationType.StreamTime;
        var punctuation = new Punctuation(Node, streamTime ? 0 : Task.WallClock + ms, ms, callback);
        (streamTime ? Task.StreamTimePunctuations : Task.WallClockPunctuations).Add(punctuation);
        return punctuation;
    }

    /// <summary>What a supplier made twice over would be run by two tasks, from two threads.</summary>
    internal TopologyException GivenTwice() =>
        new($"The supplier of '{Node}' gave task {TaskId} an instance that it had given before; it must make a new one at each call: each task has its own.");

    /// <summary>Asks for a commit soon, ahead of the commit interval.</summary>
    public void Commit() => Task.CommitRequested = true;
}
