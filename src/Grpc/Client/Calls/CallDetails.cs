using Grpc.Core;
using Grpc.Net.Client.Balancer;
using Grpc.Wire;

namespace Grpc.Net.Client.Calls;

/// <summary>What a call may have or its caller ask for, and mostly does not: kept apart, so that a plain call stays small.</summary>
internal sealed class CallDetails
{
    /// <summary>The host that the caller names; null for the address's.</summary>
    public string? Host { get; set; }

    /// <inheritdoc cref="ClientCall.Subchannel"/>
    public Subchannel? Subchannel { get; set; }

    /// <summary>What may end the call before its response does.</summary>
    public EarlyEnd? EarlyEnd { get; set; }

    /// <summary>What the call's requests are compressed with; null for nothing.</summary>
    public MessageCompressor? Compressor { get; set; }

    /// <summary>The response's headers, where somebody asked for them. Set inside the call's gate.</summary>
    public TaskCompletionSource<Metadata>? HeadersAwaited { get; set; }

    /// <summary>The trailers, once somebody has asked for them.</summary>
    public Metadata? Trailers { get; set; }

    /// <inheritdoc cref="ClientCall.Outcome"/>
    public TaskCompletionSource<bool>? Outcome { get; set; }

    /// <inheritdoc cref="ClientCall.Accepting"/>
    public Func<ClientCall, bool>? Accepting { get; set; }
}
