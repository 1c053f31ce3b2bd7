using Streams.Processing;
using Streams.State;

namespace Streams;

/// <summary>What a store is told when it is opened.</summary>
public sealed class StateStoreContext
{
    internal StateStoreContext(TaskContext task, Changelog? changelog, TaskStorage? storage = null, Changelog? past = null)
    {
        Task = task;
        Changelog = changelog;
        Storage = storage;
        Past = past ?? changelog;
    }

    /// <summary>The application's id.</summary>
    public string ApplicationId => Task.ApplicationId;

    /// <summary>The task that owns the store.</summary>
    public TaskId TaskId => Task.Task;

    /// <summary>The application's clock.</summary>
    public TimeProvider Time => Task.Time;

    /// <summary>Where the record being processed was read from; null while punctuating or restoring.</summary>
    public RecordMetadata? RecordMetadata => Task.Topic is { } topic ? new(topic, Task.Partition, Task.Offset) : null;

    internal TaskContext Task { get; }

    /// <summary>Null where the store is not logged.</summary>
    internal Changelog? Changelog { get; }

    /// <summary>What the store is restored from: its changelog, or the input that it holds; null for nothing.</summary>
    internal Changelog? Past { get; }

    /// <summary>What the task's stores on this store's engine share; null where they share nothing.</summary>
    internal TaskStorage? Storage { get; }
}
