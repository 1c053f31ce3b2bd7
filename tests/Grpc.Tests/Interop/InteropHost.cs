using System.Net;
using Grpc.Interop;
using Microsoft.AspNetCore.Builder;

namespace Grpc.Tests.Interop;

/// <summary>Our interoperability server on a free port, and what a case wants before it.</summary>
internal sealed class InteropHost(params WebApplication[] chain) : IAsyncDisposable
{
    /// <summary>Where clients turn to.</summary>
    public int Port => PortOf(chain[^1]);

    public static async Task<InteropHost> StartAsync() => new(await InteropServer.StartAsync(IPAddress.Loopback, 0));

    /// <summary>A server as this case wants it.</summary>
    public static async Task<InteropHost> StartForAsync(string name)
    {
        var streams = name == InteropCases.ConnectionScaling ? InteropCases.ScarceStreams : InteropServer.Streams;
        var server = await InteropServer.StartAsync(IPAddress.Loopback, 0, streams);
        return name == InteropCases.CacheableUnary ? new(server, await ProxyAsync(PortOf(server))) : new(server);
    }

    /// <summary>A caching proxy before a server of another program.</summary>
    public static async Task<InteropHost> StartProxyAsync(int server) => new(await ProxyAsync(server));

    public async ValueTask DisposeAsync()
    {
        foreach (var app in chain.Reverse())
        {
            await app.StopAsync();
            await app.DisposeAsync();
        }
    }

    private static int PortOf(WebApplication app) => new Uri(app.Urls.Single()).Port;

    private static Task<WebApplication> ProxyAsync(int server) => CachingProxy.StartAsync(IPAddress.Loopback, 0, new Uri($"http://127.0.0.1:{server}"));
}
