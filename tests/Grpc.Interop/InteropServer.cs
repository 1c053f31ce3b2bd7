using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Grpc.Interop;

/// <summary>Hosts the interoperability service on a port of this machine, in plain text.</summary>
internal static class InteropServer
{
    /// <summary>How many streams a connection carries unless a case wants fewer.</summary>
    public const int Streams = 100;

    /// <summary>Starts it; port 0 takes a free one.</summary>
    public static async Task<WebApplication> StartAsync(IPAddress address, int port, int streams = Streams)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.Limits.Http2.MaxStreamsPerConnection = streams;
            kestrel.Listen(address, port, listen => listen.Protocols = HttpProtocols.Http2);
        });
        var gzip = new CountedGzip();
        builder.Services.AddSingleton(gzip);
        builder.Services.AddSingleton(TimeProvider.System);
        builder.Services.AddSingleton<LoadReports>();
        builder.Services.AddGrpc(options =>
        {
            options.CompressionProviders.Clear();
            options.CompressionProviders.Add(gzip);
        });

        var app = builder.Build();
        app.Use((http, next) =>
        {
            CountedGzip.OfCall.Value = new();
            return next(http);
        });
        app.MapGrpcService<InteropService>();
        app.MapGrpcService<LoadReports>();
        await app.StartAsync();
        return app;
    }
}
