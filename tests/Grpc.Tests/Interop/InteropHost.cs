using System.Net;
using System.Net.Sockets;
using Grpc.Interop;
using Microsoft.AspNetCore.Builder;

namespace Grpc.Tests.Interop;

/// <summary>Our interoperability server on a free port.</summary>
internal sealed class InteropHost(WebApplication app) : IAsyncDisposable
{
    public int Port => new Uri(app.Urls.Single()).Port;

    public static async Task<InteropHost> StartAsync() => new(await InteropServer.StartAsync(IPAddress.Loopback, 0));

    /// <summary>A port for a server of another program.</summary>
    public static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    public async ValueTask DisposeAsync()
    {
        await app.StopAsync();
        await app.DisposeAsync();
    }
}
