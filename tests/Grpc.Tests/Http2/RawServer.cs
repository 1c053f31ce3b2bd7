using System.Net;
using System.Net.Sockets;
using Grpc.Net.Client;
using Grpc.Tests.V1;

namespace Grpc.Tests.Http2;

/// <summary>A port where the test itself plays the server, frame by frame, to a client of ours.</summary>
internal sealed class RawServer : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly GrpcChannel _channel;

    public RawServer(GrpcChannelOptions? options = null)
    {
        _listener.Start();
        _channel = GrpcChannel.ForAddress($"http://{_listener.LocalEndpoint}", options ?? new GrpcChannelOptions());
        Client = new(_channel);
    }

    public Echo.EchoClient Client { get; }

    public Task<RawConnection> AcceptAsync(params (short Id, int Value)[] settings) => RawConnection.FromAsync(_listener, settings);

    public void Dispose()
    {
        _channel.Dispose();
        _listener.Dispose();
    }
}
