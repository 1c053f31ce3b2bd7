namespace Streams;

/// <summary>A store could not be flushed, restored or opened. Nothing was committed; the records since the last commit will be read again.</summary>
public sealed class StateStoreException : StreamsException
{
    internal StateStoreException(string store, TaskId task, string done, Exception inner)
        : base($"Store '{store}' of task {task} could not be {done}: {inner.Message} The records since the last commit will be read again.", inner)
    {
        Store = store;
        Task = task;
    }

    internal override bool IsWorthANewThread => true;

    /// <summary>The store.</summary>
    public string Store { get; }

    /// <summary>The task.</summary>
    public TaskId Task { get; }
}
