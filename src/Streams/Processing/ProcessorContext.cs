using Streams.Processing;

namespace Streams;

/// <summary>What a processor can reach: its children, its stores, the times of its task, punctuations.</summary>
public sealed class ProcessorContext<TKeyOut, TValueOut>
{
    private readonly TaskContext _task;
    private readonly IForwarder<TKeyOut, TValueOut> _node;
    private readonly IReadOnlySet<string> _stores;

    internal ProcessorContext(TaskContext task, IForwarder<TKeyOut, TValueOut> node, IReadOnlySet<string> stores)
    {
        _task = task;
        _node = node;
        _stores = stores;
    }

    /// <summary>The task that this processor belongs to.</summary>
    public TaskId TaskId => _task.Task;

    /// <summary>The application's id.</summary>
    public string ApplicationId => _task.ApplicationId;

    /// <summary>Where the current record was read from; null while punctuating.</summary>
    public RecordMetadata? RecordMetadata => _task.Topic is { } topic ? new(topic, _task.Partition, _task.Offset) : null;

    /// <summary>The greatest record timestamp that the task has seen, in milliseconds since 1970-01-01 UTC; −1 before the first record.</summary>
    public long StreamTime => _task.StreamTime;

    /// <summary>The clock on the wall, as the application's <see cref="TimeProvider"/> (or the test driver) shows it.</summary>
    public DateTimeOffset WallClockTime => _task.Time.GetUtcNow();

    /// <summary>Sends a record to every child.</summary>
    public void Forward(in Record<TKeyOut, TValueOut> record)
    {
        var own = _task.Timestamp;
        _node.Forward(in record);
        _task.Timestamp = own;
    }

    /// <summary>Sends a record to the child called <paramref name="child"/> alone.</summary>
    /// <exception cref="StreamsException">No child has that name.</exception>
    public void Forward(in Record<TKeyOut, TValueOut> record, string child)
    {
        var own = _task.Timestamp;
        _node.Forward(in record, child);
        _task.Timestamp = own;
    }

    /// <summary>A store that this processor was connected to when the topology was built.</summary>
    /// <exception cref="TopologyException">It is not connected, or of another type; the message says what to do.</exception>
    public TStore GetStateStore<TStore>(string name)
        where TStore : class
    {
        if (!_stores.Contains(name))
        {
            throw new TopologyException(
                $"Processor '{_node.Name}' is not connected to a store '{name}': name it where the processor is added " +
                $"(stores: [\"{name}\"]). Connected are: {(_stores.Count == 0 ? "none" : string.Join(", ", _stores))}.");
        }

        return _task.Stores[name] as TStore
            ?? throw new TopologyException($"Store '{name}' is a {TypeName.Of(_task.Stores[name].GetType())}, not a {TypeName.Of(typeof(TStore))}.");
    }

    /// <summary>Calls <paramref name="callback"/> again and again. A callback gets the time on the clock that moved it.</summary>
    /// <param name="interval">At least one millisecond. A leap over several intervals calls once.</param>
    /// <param name="type">The clock.</param>
    /// <param name="callback">Told the time, in milliseconds since 1970-01-01 UTC.</param>
    /// <returns>Dispose it to cancel.</returns>
    public Punctuation Schedule(TimeSpan interval, PunctuationType type, Action<long> callback)
    {
        ArgumentNullException.ThrowIfNull(callback);
        var ms = (long)interval.TotalMilliseconds;
        ArgumentOutOfRangeException.ThrowIfLessThan(ms, 1, nameof(interval));

        // Stream time is aligned to 0, so that tasks and restarts punctuate at the same times; the wall clock starts now.
        var streamTime = type == PunctuationType.StreamTime;
        var punctuation = new Punctuation(_node.Name, streamTime ? 0 : _task.WallClock + ms, ms, callback);
        (streamTime ? _task.StreamTimePunctuations : _task.WallClockPunctuations).Add(punctuation);
        return punctuation;
    }

    /// <summary>Asks for a commit soon, ahead of the commit interval.</summary>
    public void Commit() => _task.CommitRequested = true;
}

/// <summary>A node whose processor forwards when it likes.</summary>
internal interface IForwarder<TKey, TValue>
{
    string Name { get; }

    void Forward(in Record<TKey, TValue> record);

    void Forward(in Record<TKey, TValue> record, string child);
}

internal static class TypeName
{
    /// <summary>A type as C# writes it: <c>IKeyValueStore&lt;String, Int64&gt;</c>.</summary>
    public static string Of(Type type)
    {
        if (!type.IsGenericType)
            return type.Name;

        var name = type.Name;
        return $"{name[..name.IndexOf('`', StringComparison.Ordinal)]}<{string.Join(", ", type.GetGenericArguments().Select(Of))}>";
    }
}
