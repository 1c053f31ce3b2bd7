namespace Streams;

/// <summary>
/// What the cache of a store held back could not be passed on: a node behind it failed, which the inner error names. It happens when a commit flushes the
/// cache, after the records that caused the changes were processed.
/// </summary>
public sealed class CacheFlushException : StreamsException
{
    internal CacheFlushException(string store, TaskId task, Exception inner)
        : base($"The cache of store '{store}' in task {task} could not be flushed: {inner.Message}", inner)
    {
        Store = store;
        Task = task;
    }

    /// <summary>The store whose cache was flushed.</summary>
    public string Store { get; }

    /// <summary>The task.</summary>
    public TaskId Task { get; }
}
