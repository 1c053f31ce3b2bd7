namespace NodeAgent.Queue;

/// <summary>Tells waiting loops that something changed. Several changes before a loop looks are one.</summary>
/// <remarks>Arm first, look second, await third: a change between the look and the await completes the armed task.</remarks>
internal sealed class Signal
{
    private TaskCompletionSource _next = New();

    /// <summary>A task that the next <see cref="Set"/> completes.</summary>
    public Task Arm()
    {
        var current = Volatile.Read(ref _next);
        if (!current.Task.IsCompleted)
            return current.Task;

        var fresh = New();
        var seen = Interlocked.CompareExchange(ref _next, fresh, current);
        return seen == current ? fresh.Task : seen.Task;
    }

    public void Set() => Volatile.Read(ref _next).TrySetResult();

    private static TaskCompletionSource New() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
