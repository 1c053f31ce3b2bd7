using Microsoft.Extensions.ObjectPool;

namespace Grpc.Net.Client.Calls;

/// <summary>The brief requests of a channel, which serve one call after the other.</summary>
/// <remarks>Much of what a small call costs before it leaves is its HTTP request: the objects, and headers that are the same for every call.</remarks>
internal sealed class BriefRequests(GrpcChannel channel)
{
    // Of some 800 bytes each. Where more calls than this end at once, the rest of their requests are left to the garbage collector.
    private const int RestingMax = 64;

    private readonly DefaultObjectPool<BriefRequestContent> _resting = new(new Policy(channel), RestingMax);

    public BriefRequestContent Rent() => _resting.Get();

    /// <summary>Takes back a request that nobody uses any more, unless there is something of its call left on it.</summary>
    public void Return(BriefRequestContent request) => _resting.Return(request);

    private sealed class Policy(GrpcChannel channel) : PooledObjectPolicy<BriefRequestContent>
    {
        public override BriefRequestContent Create() => new(channel);

        public override bool Return(BriefRequestContent request) => request.IsAsMade;
    }
}
