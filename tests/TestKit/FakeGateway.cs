using System.Collections.Concurrent;
using System.Net;
using Grpc.Core;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Streams.Contracts.V1;

namespace TestKit;

/// <summary>A gateway on a loopback port that keeps what it is sent, and answers as the test says.</summary>
public sealed class FakeGateway : IAsyncDisposable
{
    private static readonly TimeSpan WaitTimeout = TimeSpan.FromSeconds(30);

    private readonly List<LogBatch> _batches = [];
    private readonly List<Heartbeat> _heartbeats = [];
    private readonly Lock _lock = new();
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private WebApplication? _app;
    private readonly int _port = UnusedPort.Take();

    private FakeGateway()
    {
    }

    public string Address => $"http://127.0.0.1:{_port}";

    public Welcome Welcome { get; set; } = new();

    /// <summary>Answers a batch; the default acknowledges all of it. Throwing ends the stream.</summary>
    public Func<LogBatch, IEnumerable<ShipLogsResponse>> OnBatch { get; set; } = batch => [Ack(batch)];

    /// <summary>False lets heartbeats go unanswered.</summary>
    public bool AnswersHeartbeats { get; set; } = true;

    public ConcurrentQueue<Hello> Hellos { get; } = new();

    public IReadOnlyList<LogBatch> Batches
    {
        get
        {
            lock (_lock)
                return [.. _batches];
        }
    }

    public IReadOnlyList<LogRecord> Records => [.. Batches.SelectMany(batch => batch.Records)];

    /// <summary>Records as the monitor counts them: each number of an epoch once.</summary>
    public IReadOnlyList<LogRecord> DistinctRecords => [.. Records.DistinctBy(record => record.Position)];

    public IReadOnlyList<Heartbeat> Heartbeats
    {
        get
        {
            lock (_lock)
                return [.. _heartbeats];
        }
    }

    public static async Task<FakeGateway> StartAsync()
    {
        var gateway = new FakeGateway();
        await gateway.OpenAsync();
        return gateway;
    }

    public static ShipLogsResponse Ack(LogBatch batch) =>
        new() { Ack = new Ack { ThroughSequence = batch.FirstSequence + (ulong)batch.Records.Count - 1 } };

    /// <summary>Waits until <paramref name="condition"/> holds of what was received.</summary>
    public async Task UntilAsync(Func<FakeGateway, bool> condition)
    {
        using var timeout = new CancellationTokenSource(WaitTimeout);
        while (true)
        {
            Task changed;
            lock (_lock)
                changed = _changed.Task;
            if (condition(this))
                return;
            await changed.WaitAsync(timeout.Token);
        }
    }

    /// <summary>Listens, on the same port as before.</summary>
    public async Task OpenAsync()
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Services.AddRouting();
        builder.Services.AddGrpc();
        builder.Services.AddSingleton(this);
        builder.WebHost.UseKestrelCore();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, _port, listen => listen.Protocols = HttpProtocols.Http2));
        _app = builder.Build();
        _app.MapGrpcService<IngestService>();
        await _app.StartAsync();
    }

    /// <summary>Ends all streams and stops listening.</summary>
    public async Task CloseAsync()
    {
        if (_app is not { } app)
            return;

        _app = null;
        await app.CutAsync();
    }

    public async ValueTask DisposeAsync() => await CloseAsync();

    private void Note(Action note)
    {
        lock (_lock)
        {
            note();
            _changed.TrySetResult();
            _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
        }
    }

    private sealed class IngestService(FakeGateway gateway) : Ingest.IngestBase
    {
        public override async Task ShipLogs(
            IAsyncStreamReader<ShipLogsRequest> requestStream, IServerStreamWriter<ShipLogsResponse> responseStream, ServerCallContext context)
        {
            while (await requestStream.MoveNext(context.CancellationToken))
            {
                var request = requestStream.Current;
                if (request.Hello is { } hello)
                {
                    await responseStream.WriteAsync(new ShipLogsResponse { Welcome = gateway.Welcome });
                    gateway.Note(() => gateway.Hellos.Enqueue(hello));
                    continue;
                }

                gateway.Note(() => gateway._batches.Add(request.Batch));
                foreach (var answer in gateway.OnBatch(request.Batch))
                    await responseStream.WriteAsync(answer);
            }
        }

        public override async Task ReportHeartbeats(
            IAsyncStreamReader<Heartbeat> requestStream, IServerStreamWriter<HeartbeatAck> responseStream, ServerCallContext context)
        {
            while (await requestStream.MoveNext(context.CancellationToken))
            {
                var heartbeat = requestStream.Current;
                gateway.Note(() => gateway._heartbeats.Add(heartbeat));
                if (gateway.AnswersHeartbeats)
                    await responseStream.WriteAsync(new HeartbeatAck { Sequence = heartbeat.Position.Sequence });
            }
        }
    }
}
