using Grpc.Core;
using Grpc.Net.Client;

namespace NodeAgent.Ship;

/// <summary>A connection to each gateway, made when first used.</summary>
internal sealed class GatewayChannels : IDisposable
{
    /// <summary>A gateway that has not answered by then is not there.</summary>
    private static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(5);

    /// <summary>A connection whose other end vanished without a word is found out by pings.</summary>
    private static readonly TimeSpan PingDelay = TimeSpan.FromSeconds(10);

    private readonly (string Address, GrpcChannel Channel, CallInvoker Invoker)[] _gateways;

    public GatewayChannels(AgentOptions options)
    {
        _gateways = [.. options.Gateways.Select(address =>
        {
            var handler = new SocketsHttpHandler
            {
                ConnectTimeout = ConnectTimeout,
                KeepAlivePingDelay = PingDelay,
                KeepAlivePingTimeout = PingDelay,
                EnableMultipleHttp2Connections = true,
                AllowAutoRedirect = false,
                UseCookies = false,
                UseProxy = false,
            };
            var channel = GrpcChannel.ForAddress(address, new GrpcChannelOptions { HttpHandler = handler });
            return (address, channel, channel.CreateCallInvoker());
        })];
    }

    public int Count => _gateways.Length;

    public string Address(int turn) => _gateways[turn % Count].Address;

    public CallInvoker Invoker(int turn) => _gateways[turn % Count].Invoker;

    public void Dispose()
    {
        foreach (var gateway in _gateways)
            gateway.Channel.Dispose();
    }
}
