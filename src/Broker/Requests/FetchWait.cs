namespace Broker.Requests;

/// <summary>A fetch that waits: woken by each append to a log it watches, ended by its time limit or the broker's stop.</summary>
internal sealed class FetchWait
{
    private TaskCompletionSource _next = New();
    private bool _ended;

    public FetchWait() => Advanced = () => Volatile.Read(ref _next).TrySetResult();

    /// <summary>What the watched logs call. The waiter goes on elsewhere: an append must not pay for it.</summary>
    public Action Advanced { get; }

    public bool HasEnded => Volatile.Read(ref _ended);

    public void End()
    {
        // A full fence on both sides: either this sees the waiter's new signal, or the waiter sees that it has ended.
        Interlocked.Exchange(ref _ended, true);
        Advanced();
    }

    /// <summary>Done at the next append, or at once if one came since the last call.</summary>
    public async Task NextAsync()
    {
        await Volatile.Read(ref _next).Task.ConfigureAwait(false);
        // An append between these two lines is seen by the caller's next look at the logs.
        Interlocked.Exchange(ref _next, New());
        if (HasEnded)
            Advanced();
    }

    private static TaskCompletionSource New() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
