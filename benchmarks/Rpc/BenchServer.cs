using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Benchmarks.Rpc;

/// <summary>The server's process: both sides on one port, until its standard input ends.</summary>
internal static class BenchServer
{
    public const string Ready = "listening on ";
    public const string MeterPath = "/meter";

    public static async Task<int> RunAsync(TextWriter output)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, port => port.Protocols = HttpProtocols.Http2));
        builder.Services.AddGrpc();
        await using var app = builder.Build();
        app.MapGrpcService<BenchService>();
        app.MapBare();
        app.MapGet(MeterPath, () => ProcessCost.Now().ToText());
        await app.StartAsync();
        await output.WriteLineAsync(Ready + app.Urls.Single());
        await Console.In.ReadToEndAsync();
        return 0;
    }
}
