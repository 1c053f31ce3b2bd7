using Grpc.Core;

namespace Gateway.Otlp;

/// <summary>What one request holds of <see cref="HeldBytes"/>, from its first five bytes to its handler's end.</summary>
/// <remarks>
/// It counts as what it came as or as what it is without compression, whichever is more. A request above the limit of one request takes nothing
/// more: gRPC refuses it for its size at that very byte. Used by one call, one step after the other.
/// </remarks>
internal sealed class HeldRequest(HeldBytes all, int requestBytesMax, OtlpMetrics metrics) : IDisposable
{
    private long _held;
    private bool _isTooLarge;

    /// <summary>The request has this many bytes, or will have once it is here.</summary>
    /// <exception cref="RpcException">UNAVAILABLE: there is no room for them beside the other requests.</exception>
    public void GrowTo(long bytes)
    {
        if (bytes > requestBytesMax)
        {
            if (!_isTooLarge)
                metrics.Refused(OtlpMetrics.TooLarge);
            _isTooLarge = true;
            return;
        }

        var more = bytes - _held;
        if (more <= 0)
            return;
        if (!all.TryTake(more, bytes))
        {
            metrics.Refused(OtlpMetrics.HeldBytes);
            throw Throttling.ComeAgain(
                $"The gateway holds {all.Now} of at most {all.Max} bytes of OTLP requests; there is no room for {bytes} more. Send it again.");
        }

        _held = bytes;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        all.GiveBack(_held);
        _held = 0;
    }
}
