namespace Grpc.Net.Client.Calls;

/// <summary>Cancellation sources of calls, which few calls ever cancel: those that were not serve the next call too.</summary>
internal static class StopSource
{
    // A call ends on the thread that goes on with its caller, and so often with the next call.
    [ThreadStatic]
    private static CancellationTokenSource? _kept;

    public static CancellationTokenSource Rent()
    {
        if (_kept is not { } kept)
            return new();
        _kept = null;
        return kept;
    }

    /// <summary>Takes a source back whose token nobody uses any more.</summary>
    public static void Return(CancellationTokenSource source)
    {
        if (source.TryReset())
            _kept = source;
    }
}
