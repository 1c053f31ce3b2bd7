using System.Net;
using Grpc.AspNetCore.Server;
using Grpc.Net.Client;
using Grpc.Tests.V1;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using TestKit;

namespace Grpc.Tests;

/// <summary>An <see cref="EchoService"/> on a Kestrel of its own, on a loopback port over plain HTTP/2.</summary>
internal sealed class EchoHost : IAsyncDisposable
{
    /// <summary>How long a test waits for what should happen at once.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly WebApplication _app;
    private readonly List<GrpcChannel> _channels = [];

    private bool _isStopped;

    private EchoHost(WebApplication app, EchoService service) => (_app, Service) = (app, service);

    public EchoService Service { get; }

    public IServiceProvider Services => _app.Services;

    public string Address => _app.Urls.Single();

    public static async Task<EchoHost> StartAsync(
        Action<GrpcServiceOptions>? options = null,
        Action<IServiceCollection>? services = null,
        Action<WebApplication>? map = null,
        int? port = null,
        Action<KestrelServerOptions>? kestrel = null)
    {
        var service = new EchoService();
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelHttpsConfiguration();
        builder.WebHost.ConfigureKestrel(
            kestrel ?? (options => options.Listen(IPAddress.Loopback, port ?? UnusedPort.Take(), listen => listen.Protocols = HttpProtocols.Http2)));
        builder.Services.AddGrpc(options ?? (_ => { }));
        builder.Services.AddSingleton(service);
        services?.Invoke(builder.Services);

        var app = builder.Build();
        if (map is null)
            app.MapGrpcService<EchoService>();
        else
            map(app);
        await app.StartAsync();
        return new(app, service);
    }

    public GrpcChannel Channel(GrpcChannelOptions? options = null)
    {
        var channel = GrpcChannel.ForAddress(Address, options ?? new GrpcChannelOptions());
        _channels.Add(channel);
        return channel;
    }

    public Echo.EchoClient Client(GrpcChannelOptions? options = null) => new(Channel(options));

    public Task StopAsync() => _app.StopAsync();

    public async ValueTask DisposeAsync()
    {
        if (_isStopped)
            return;
        _isStopped = true;
        foreach (var channel in _channels)
            channel.Dispose();
        await _app.StopAsync();
        await _app.DisposeAsync();
    }
}
