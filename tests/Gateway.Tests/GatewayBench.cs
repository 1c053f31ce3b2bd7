using System.Text;
using Gateway.Otlp;
using Grpc.Core;
using Grpc.Net.Client;
using Kafka;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Streams.Contracts.V1;
using TestKit;

namespace Gateway.Tests;

/// <summary>A gateway on a real port in front of a real broker, and what a test needs to talk to both.</summary>
internal sealed class GatewayBench : IAsyncDisposable
{
    private readonly List<GrpcChannel> _channels = [];
    private readonly CancellationTokenSource _limit = new(TimeSpan.FromMinutes(3));
    private readonly WebApplication _app;

    private GatewayBench(EmbeddedBroker broker, GatewayOptions options, WebApplication app, HeardLog log) => (Broker, Options, _app, Log) = (broker, options, app, log);

    public EmbeddedBroker Broker { get; }

    public GatewayOptions Options { get; }

    /// <summary>What the gateway has logged.</summary>
    public HeardLog Log { get; }

    /// <summary>Ends a test that waits for what does not come.</summary>
    public CancellationToken Limit => _limit.Token;

    public string Address => _app.Urls.Single();

    /// <summary>Where its metrics and health are.</summary>
    public string AdminAddress => _app.Services.GetRequiredService<Metrics.Admin.AdminServer>().Address!;

    /// <summary>This gateway's meter: others in the process have one of the same name.</summary>
    public System.Diagnostics.Metrics.Meter Meter => _app.Services.GetRequiredService<GatewayMetrics>().Meter;

    /// <summary>The OTLP requests that it holds.</summary>
    public HeldBytes Held => _app.Services.GetRequiredService<HeldBytes>();

    /// <summary>Why this gateway is not ready for what a check is about; null where it is.</summary>
    public string? Trouble(string check) => _app.Services.GetServices<Metrics.Admin.ReadinessCheck>().Single(c => c.Name == check).Trouble();

    public static async Task<GatewayBench> StartAsync(Action<GatewayOptions>? set = null, bool brokerStopped = false)
    {
        var broker = await EmbeddedBroker.StartAsync();
        var options = new GatewayOptions
        {
            Port = 0,
            Admin = { Port = 0 },
            Kafka = new KafkaSettings { BootstrapServers = broker.BootstrapServers, ClientId = "gateway-tests" },
            KafkaRetryInterval = TimeSpan.FromMilliseconds(100),
        };
        set?.Invoke(options);
        if (brokerStopped)
            await broker.StopAsync();

        var log = new HeardLog();
        var app = GatewayHost.Build(options, logging => logging.ClearProviders().AddProvider(log), TimeProvider.System);
        await app.StartAsync();
        return new GatewayBench(broker, options, app, log);
    }

    public Streams.Contracts.V1.Ingest.IngestClient Client() => new(Channel());

    public GrpcChannel Channel()
    {
        var channel = GrpcChannel.ForAddress(Address);
        lock (_channels)
            _channels.Add(channel);
        return channel;
    }

    /// <summary>Asks until the answer is yes, or the limit is over.</summary>
    public async Task UntilAsync(Func<Task<bool>> question)
    {
        using var look = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        while (!await question())
            await look.WaitForNextTickAsync(Limit);
    }

    public Task StopGatewayAsync() => _app.StopAsync();

    /// <summary>Opens a log stream, again and again until Kafka is ready.</summary>
    public async Task<AgentStream> OpenAsync(string node = "node-1", ulong epoch = 1)
    {
        while (true)
        {
            var stream = new AgentStream(Client().ShipLogs(cancellationToken: Limit), node, epoch);
            try
            {
                await stream.HelloAsync();
                return stream;
            }
            catch (RpcException e) when (e.StatusCode == StatusCode.Unavailable)
            {
                stream.Dispose();
                Limit.ThrowIfCancellationRequested();
            }
        }
    }

    /// <summary>All records that a topic holds now, each partition in its order.</summary>
    public List<Stored> ReadTopic(string topic)
    {
        var client = new ConfluentLogClient(Options.Kafka, NullLoggerFactory.Instance);
        using var consumer = client.CreateConsumer(new ConsumerSettings());
        var partitions = Enumerable.Range(0, Options.Topics.Partitions).Select(p => new TopicPartition(topic, p)).ToList();
        var ends = partitions.ToDictionary(p => p, p => consumer.Watermarks(p, TimeSpan.FromSeconds(20)).End);
        consumer.Assign([.. partitions.Select(p => (p, StartOffset.Earliest))]);

        var all = new List<Stored>();
        while (partitions.Any(p => (consumer.Position(p) ?? 0) < ends[p]))
        {
            Limit.ThrowIfCancellationRequested();
            using var records = consumer.Poll(TimeSpan.FromMilliseconds(100), 10_000);
            for (var run = 0; run < records.RunCount; run++)
            {
                for (var i = 0; i < records.RunLength(run); i++)
                {
                    var record = records.Record(run, i);
                    all.Add(new Stored(records.Partition(run).Partition, Encoding.UTF8.GetString(record.Key), record.Value.ToArray(), record.TimestampMs));
                }
            }
        }

        return all;
    }

    public List<LogRecord> ReadLogs() => [.. ReadTopic(Options.Topics.Logs).Select(r => LogRecord.Parser.ParseFrom(r.Value))];

    public async ValueTask DisposeAsync()
    {
        foreach (var channel in _channels)
            channel.Dispose();
        await _app.DisposeAsync();
        await Broker.DisposeAsync();
        _limit.Dispose();
    }
}

/// <summary>A record as Kafka holds it.</summary>
internal sealed record Stored(int Partition, string Key, byte[] Value, long TimestampMs);

/// <summary>The agent's side of a log stream.</summary>
internal sealed class AgentStream(AsyncDuplexStreamingCall<ShipLogsRequest, ShipLogsResponse> call, string node, ulong epoch) : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    public Welcome? Welcome { get; private set; }

    public async Task HelloAsync()
    {
        await SendAsync(new ShipLogsRequest { Hello = new Hello { NodeId = node, Epoch = epoch, Version = "test" } });
        Welcome = (await NextAsync()).Welcome;
    }

    /// <summary>Sends records numbered from <paramref name="first"/> on.</summary>
    public Task SendAsync(ulong first, params LogRecord[] records)
    {
        var batch = new LogBatch { FirstSequence = first };
        batch.Records.AddRange(records);
        return SendAsync(new ShipLogsRequest { Batch = batch });
    }

    public Task SendAsync(ulong first, int count) => SendAsync(first, [.. Enumerable.Range(0, count).Select(i => Record($"line {first + (ulong)i}"))]);

    public Task SendAsync(ShipLogsRequest request) => call.RequestStream.WriteAsync(request).WaitAsync(Patience);

    public Task CompleteAsync() => call.RequestStream.CompleteAsync();

    public async Task<ShipLogsResponse> NextAsync() => await call.ResponseStream.MoveNext().WaitAsync(Patience)
        ? call.ResponseStream.Current
        : throw new InvalidOperationException("The stream ended without an error.");

    public async Task<Ack> AckAsync()
    {
        var response = await NextAsync();
        return response.Ack ?? throw new InvalidOperationException($"Not an ack: {response}");
    }

    /// <summary>Reads to the end: what was acknowledged last, and how it ended.</summary>
    public async Task<(ulong Through, Status Status)> EndAsync()
    {
        ulong through = 0;
        try
        {
            while (await call.ResponseStream.MoveNext().WaitAsync(Patience))
                through = call.ResponseStream.Current.Ack?.ThroughSequence ?? through;
            return (through, call.GetStatus());
        }
        catch (RpcException e)
        {
            return (through, e.Status);
        }
    }

    public LogRecord Record(string message) => new()
    {
        NodeId = node,
        Service = "orders",
        Severity = Severity.Info,
        Message = message,
        Source = "/var/log/orders.log",
    };

    public void Dispose() => call.Dispose();
}
