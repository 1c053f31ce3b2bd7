using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Runtime.CompilerServices;
using Grpc.Net.Client.Balancer;

namespace Grpc.Net.Client.Connections;

/// <summary>Where an HTTP handler gets its connections: from the subchannel that is connected to the host and port it wants.</summary>
/// <remarks>One per handler, which may serve several channels; those that go to the same server share its connections.</remarks>
internal sealed class HttpConnections(TimeSpan connectTimeout)
{
    // No connection within this time is no connection (gRPC's connection-backoff.md: minimum connect timeout).
    private static readonly TimeSpan UsualConnectTimeout = TimeSpan.FromSeconds(20);

    private static readonly ConditionalWeakTable<SocketsHttpHandler, HttpConnections> OfHandlers = [];

    private readonly ConcurrentDictionary<DnsEndPoint, Subchannel> _subchannels = new();

    /// <summary>How long to try to connect: the handler's own limit, where it has one.</summary>
    public TimeSpan ConnectTimeout { get; } = connectTimeout > TimeSpan.Zero ? connectTimeout : UsualConnectTimeout;

    /// <summary>The connections of a handler that asks us for them from now on; null for one that has its own ways.</summary>
    public static HttpConnections? TryServe(HttpMessageHandler? handler, Uri address)
    {
        while (handler is DelegatingHandler delegating)
            handler = delegating.InnerHandler;
        if (handler is not SocketsHttpHandler sockets)
            return null;
        if (OfHandlers.TryGetValue(sockets, out var known))
            return known;

        // A proxy is connected to instead of the server, which only the handler can do.
        if (sockets.ConnectCallback is not null || (sockets.UseProxy && (sockets.Proxy ?? HttpClient.DefaultProxy) is { } proxy && !proxy.IsBypassed(address)))
            return null;
        try
        {
            var connections = new HttpConnections(sockets.ConnectTimeout);
            sockets.ConnectCallback = connections.ConnectAsync;
            OfHandlers.Add(sockets, connections);
            return connections;
        }
        catch (InvalidOperationException)
        {
            // It is in use already, by an HttpClient, and stays as it is.
            return null;
        }
    }

    /// <summary>The handler's next connections to this address come from this subchannel.</summary>
    public void Register(BalancerAddress address, Subchannel subchannel) => _subchannels[address.EndPoint] = subchannel;

    public void Unregister(BalancerAddress address, Subchannel subchannel) =>
        _subchannels.TryRemove(new KeyValuePair<DnsEndPoint, Subchannel>(address.EndPoint, subchannel));

    private async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancellation) =>
        _subchannels.TryGetValue(context.DnsEndPoint, out var subchannel)
            ? await subchannel.OpenStreamAsync(cancellation).ConfigureAwait(false)
            : new NetworkStream(await HeldSocket.ConnectAsync(new(context.DnsEndPoint), ConnectTimeout, cancellation).ConfigureAwait(false), ownsSocket: true);
}
