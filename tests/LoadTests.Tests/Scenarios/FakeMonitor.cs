using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Security.Cryptography.X509Certificates;
using Grpc.Core;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.DependencyInjection;
using Streams.Contracts.V1;

namespace LoadTests.Tests.Scenarios;

/// <summary>A monitor on a loopback port whose log store is a list.</summary>
internal sealed class FakeMonitor : IAsyncDisposable
{
    private readonly WebApplication _app;

    private FakeMonitor(WebApplication app) => _app = app;

    public string Address => _app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single();

    /// <summary>Gives what is stored now, in order of time.</summary>
    public Func<IReadOnlyList<LogRecord>> Stored { get; set; } = () => [];

    /// <summary>What each call said of its caller: the header <c>authorization</c>, and the subject of its certificate.</summary>
    public ConcurrentQueue<(string? Authorization, string? Certificate)> Callers { get; } = new();

    /// <summary>Starts one; with a certificate it speaks TLS, and asks callers for theirs.</summary>
    public static async Task<FakeMonitor> StartAsync(X509Certificate2? certificate = null)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Services.AddRouting();
        builder.Services.AddGrpc();
        builder.WebHost.UseKestrelCore();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, listen =>
        {
            listen.Protocols = HttpProtocols.Http2;
            if (certificate is not null)
            {
                listen.UseHttps(new HttpsConnectionAdapterOptions
                {
                    ServerCertificate = certificate,
                    ClientCertificateMode = ClientCertificateMode.AllowCertificate,
                    ClientCertificateValidation = (_, _, _) => true,
                });
            }
        }));
        FakeMonitor? monitor = null;
        builder.Services.AddSingleton(_ => monitor!);
        var app = builder.Build();
        app.MapGrpcService<Service>();
        monitor = new FakeMonitor(app);
        await app.StartAsync();
        return monitor;
    }

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync();
        await _app.DisposeAsync();
    }

    private sealed class Service(FakeMonitor monitor) : LogQueries.LogQueriesBase
    {
        public override async Task SearchLogs(SearchLogsRequest request, IServerStreamWriter<StoredLog> responseStream, ServerCallContext context)
        {
            var http = context.GetHttpContext();
            monitor.Callers.Enqueue((http.Request.Headers.Authorization, http.Connection.ClientCertificate?.Subject));
            var matching = monitor.Stored()
                .Where(log => (request.NodeIds.Count == 0 || request.NodeIds.Contains(log.NodeId)) && (request.Services.Count == 0 || request.Services.Contains(log.Service)));
            var after = request.PageToken.Length == 0 ? 0 : int.Parse(request.PageToken, CultureInfo.InvariantCulture);
            var page = (request.OldestFirst ? matching : matching.Reverse()).Skip(after).Take((int)request.Limit);
            foreach (var log in page)
                await responseStream.WriteAsync(new StoredLog { Record = log, PageToken = $"{++after}" });
        }
    }
}
