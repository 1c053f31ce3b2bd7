namespace Gateway.Forwarding;

/// <summary>Told when Fluentd has acknowledged everything of a batch, which may lie in several chunks.</summary>
internal sealed class ForwardReceipt
{
    private readonly TaskCompletionSource _all = new(TaskCreationOptions.RunContinuationsAsynchronously);

    // The chunks that hold something of the batch, and one for the batch itself until it is sealed.
    private int _open = 1;

    /// <summary>A chunk takes something of the batch.</summary>
    public void Enter() => Interlocked.Increment(ref _open);

    /// <summary>A chunk was acknowledged.</summary>
    public void Leave()
    {
        if (Interlocked.Decrement(ref _open) == 0)
            _all.TrySetResult();
    }

    /// <summary>Nothing follows; waits for what there is. To be called once.</summary>
    public Task SealAndWaitAsync(CancellationToken cancellation)
    {
        Leave();
        return _all.Task.WaitAsync(cancellation);
    }
}
