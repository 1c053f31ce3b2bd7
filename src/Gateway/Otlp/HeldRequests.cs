using Grpc.Net.Compression;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Gateway.Otlp;

/// <summary>Bounds the bytes of OTLP requests that are held at once: each is counted before its body is read, and until its handler has ended.</summary>
/// <remarks>
/// Stands around the methods of the service, since gRPC gives a handler, or an interceptor, a request only when all of it is in memory.
/// The size is known from the five bytes before the message (<see cref="CountedBody"/>), that of a compressed one while it is decompressed
/// (<see cref="CountedCompression"/>), which is why a call's <see cref="HeldRequest"/> travels with it.
/// </remarks>
internal sealed class HeldRequests(GatewayOptions options, HeldBytes all, OtlpMetrics metrics)
{
    private readonly AsyncLocal<HeldRequest?> _current = new();

    /// <summary>Puts the bound around a method.</summary>
    public void Around(EndpointBuilder method)
    {
        if (method.RequestDelegate is { } next)
            method.RequestDelegate = http => HoldAsync(http, next);
    }

    /// <summary>A way to compress whose output counts.</summary>
    public ICompressionProvider Counting(ICompressionProvider provider) => new CountedCompression(provider, this);

    /// <summary>The request that is being read. Every call of the service has one.</summary>
    public HeldRequest Current => _current.Value
        ?? throw new InvalidOperationException($"An OTLP request is decompressed outside of {nameof(HeldRequests)}: {nameof(Around)} is missing at its method.");

    private async Task HoldAsync(HttpContext http, RequestDelegate next)
    {
        using var request = new HeldRequest(all, options.Limits.OtlpRequestBytesMax, metrics);
        _current.Value = request;
        http.Features.Set<IRequestBodyPipeFeature>(new CountedBody(http.Request.BodyReader, request));
        await next(http).ConfigureAwait(false);
    }
}
