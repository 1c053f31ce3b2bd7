using Grpc.Core;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Streams.Contracts.V1;

namespace WebConsole.Tests;

/// <summary>A monitor that answers what the test put into it, over real gRPC.</summary>
internal sealed class FakeMonitor : IAsyncDisposable
{
    private readonly WebApplication _app;

    private FakeMonitor(WebApplication app) => _app = app;

    public List<Node> Nodes { get; } = [];

    public List<LogRecord> Logs { get; } = [];

    public SearchLogsRequest? LastSearch { get; private set; }

    public TaskCompletionSource TailEnded { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public string Address => _app.Urls.Single();

    public static async Task<FakeMonitor> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(System.Net.IPAddress.Loopback, 0, listen => listen.Protocols = HttpProtocols.Http2));
        builder.Services.AddGrpc();
        FakeMonitor? monitor = null;
        builder.Services.AddSingleton(_ => new NodeAnswers(monitor!));
        builder.Services.AddSingleton(_ => new LogAnswers(monitor!));
        var app = builder.Build();
        monitor = new FakeMonitor(app);
        app.MapGrpcService<NodeAnswers>();
        app.MapGrpcService<LogAnswers>();
        await app.StartAsync();
        return monitor;
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private sealed class NodeAnswers(FakeMonitor monitor) : NodeQueries.NodeQueriesBase
    {
        public override async Task ListNodes(ListNodesRequest request, IServerStreamWriter<Node> responseStream, ServerCallContext context)
        {
            foreach (var node in monitor.Nodes)
                await responseStream.WriteAsync(node);
        }
    }

    private sealed class LogAnswers(FakeMonitor monitor) : LogQueries.LogQueriesBase
    {
        public override async Task SearchLogs(SearchLogsRequest request, IServerStreamWriter<StoredLog> responseStream, ServerCallContext context)
        {
            monitor.LastSearch = request;
            foreach (var record in monitor.Logs)
                await responseStream.WriteAsync(new StoredLog { Id = "a:1:1", Record = record });
        }

        public override async Task TailLogs(TailLogsRequest request, IServerStreamWriter<LogRecord> responseStream, ServerCallContext context)
        {
            foreach (var record in monitor.Logs)
                await responseStream.WriteAsync(record);
            await using var ended = context.CancellationToken.Register(() => monitor.TailEnded.TrySetResult());
            await monitor.TailEnded.Task;
        }
    }
}
