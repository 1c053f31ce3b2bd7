using Grpc.Wire;

namespace Grpc.AspNetCore.Server.Calls;

/// <summary>A call's deadline: the timer, and the token that it cancels.</summary>
internal sealed class CallExpiry
{
    private readonly Lock _gate = new();
    private readonly ServerCall _call;
    private readonly Countdown _countdown;
    private CancellationTokenSource? _cancellation;
    private CancellationToken _token;
    private TaskCompletionSource? _told;
    private bool _isTold;
    private volatile bool _hasExpired;

    public CallExpiry(ServerCall call, TimeSpan timeout, TimeProvider time)
    {
        _call = call;
        _countdown = new(timeout, time, OnElapsed);
        Deadline = time.GetUtcNow().UtcDateTime + timeout;
    }

    public DateTime Deadline { get; }

    public bool HasExpired
    {
        get => _hasExpired;
        set => _hasExpired = value;
    }

    /// <summary>Completes once the client was told that the deadline passed.</summary>
    public Task Told
    {
        get
        {
            lock (_gate)
                return _isTold ? Task.CompletedTask : (_told ??= new(TaskCreationOptions.RunContinuationsAsynchronously)).Task;
        }
    }

    /// <summary>Cancelled with <paramref name="aborted"/> and when the deadline passes. Made when first asked for.</summary>
    public CancellationToken GetToken(CancellationToken aborted)
    {
        lock (_gate)
        {
            if (_cancellation is null)
            {
                _cancellation = CancellationTokenSource.CreateLinkedTokenSource(aborted);
                _token = _cancellation.Token;
                if (HasExpired)
                    _cancellation.Cancel();
            }

            return _token;
        }
    }

    /// <summary>Starts the clock.</summary>
    public void Start() => _countdown.Start();

    /// <summary>The call is over. The token stays as it is.</summary>
    public void Stop()
    {
        _countdown.Stop();
        lock (_gate)
            _cancellation?.Dispose();
    }

    private void OnElapsed()
    {
        if (_call.TryExpire())
            _ = ExpireAsync();
    }

    private async Task ExpireAsync()
    {
        try
        {
            // First the handler, then the client: the answer may have to wait until the client reads.
            Cancel();
            await _call.TellExpiryAsync().ConfigureAwait(false);
        }
        finally
        {
            lock (_gate)
                _isTold = true;
            _told?.SetResult();
            Stop();
        }
    }

    private void Cancel()
    {
        CancellationTokenSource? cancellation;
        lock (_gate)
            cancellation = _cancellation;

        try
        {
            cancellation?.Cancel();
        }
        catch (AggregateException exception)
        {
            _call.CallbackThrew(exception);
        }
    }
}
