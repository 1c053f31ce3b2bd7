using Grpc.Core;

namespace Gateway.Ingest;

/// <summary>Counts the streams that are open, and refuses one too many.</summary>
internal sealed class OpenStreams(GatewayOptions options, GatewayMetrics metrics)
{
    private readonly GatewayMetrics _metrics = metrics;
    private int _open;

    /// <summary>Lets a stream in until the lease is disposed.</summary>
    /// <param name="method">What was called.</param>
    /// <param name="whenFull">What one too many is refused with.</param>
    /// <exception cref="RpcException">At the limit.</exception>
    public Lease Enter(string method, StatusCode whenFull = StatusCode.ResourceExhausted)
    {
        if (Interlocked.Increment(ref _open) > options.Limits.StreamsMax)
        {
            Interlocked.Decrement(ref _open);
            throw new RpcException(new Status(
                whenFull, $"The gateway serves its limit of {options.Limits.StreamsMax} streams; try another one, or later."));
        }

        _metrics.StreamOpened(method);
        return new Lease(this, method);
    }

    /// <summary>An open stream's place.</summary>
    internal sealed class Lease(OpenStreams owner, string method) : IDisposable
    {
        public void Dispose()
        {
            Interlocked.Decrement(ref owner._open);
            owner._metrics.StreamClosed(method);
        }
    }
}
