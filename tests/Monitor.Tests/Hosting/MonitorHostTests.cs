using System.Net;
using System.Net.Sockets;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Grpc.Net.Client;
using Kafka;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Settings;
using Streams.Contracts.V1;
using TestKit;
using Xunit.Abstractions;

namespace Monitor.Tests.Hosting;

public sealed class MonitorHostTests(BrokerFixture kafka, ITestOutputHelper output) : IClassFixture<BrokerFixture>, IAsyncLifetime, IDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    private readonly TempDirectory _folder = new();
    private readonly CancellationTokenSource _limit = new(Limit);
    private ILogProducer _producer = null!;
    private MonitorOptions _options = null!;
    private WebApplication? _monitor;
    private GrpcChannel? _channel;

    public async Task InitializeAsync()
    {
        // One broker for the class: each test has topics and a group of its own.
        var own = $"t{Guid.NewGuid():N}";
        _options = new()
        {
            Port = 0,
            Admin = { Port = 0 },
            ApplicationId = $"{own}-monitor",
            Topics = new()
            {
                Logs = $"{own}-logs",
                Heartbeats = $"{own}-heartbeats",
                NodeEvents = $"{own}-node-events",
                Alerts = $"{own}-alerts",
                DeadLetters = $"{own}-dead-letters",
                Partitions = 2,
            },
            DataDirectory = _folder.Combine("monitor"),
            Kafka = new() { BootstrapServers = kafka.BootstrapServers },
            CommitInterval = TimeSpan.FromMilliseconds(50),
        };
        var client = new ConfluentLogClient(_options.Kafka, NullLoggerFactory.Instance);
        using var admin = client.CreateAdmin();
        await admin.CreateTopicsAsync([.. _options.Topics.Specifications()], default);
        _producer = client.CreateProducer(new());
    }

    public async Task DisposeAsync()
    {
        await StopMonitorAsync();
        await _producer.DisposeAsync();
    }

    public void Dispose()
    {
        _folder.Dispose();
        _limit.Dispose();
    }

    [Fact]
    public async Task A_log_can_be_tailed_found_and_is_an_alert_where_it_warns()
    {
        await StartMonitorAsync();
        var logs = new LogQueries.LogQueriesClient(_channel);
        using var tail = logs.TailLogs(new() { Contains = "DISK" }, cancellationToken: _limit.Token);
        await tail.ResponseHeadersAsync;

        await SendAsync(Log(1, "all is well"), Log(2, "disk 7 is full", Severity.Error), Log(2, "disk 7 is full", Severity.Error));

        Assert.True(await tail.ResponseStream.MoveNext(_limit.Token));
        Assert.Equal("disk 7 is full", tail.ResponseStream.Current.Message);
        var found = await UntilAsync(() => ListAsync(logs.SearchLogs(new() { OldestFirst = true })), all => all.Count == 2);
        Assert.Equal(["n1:1:1", "n1:1:2"], found.Select(f => f.Id));
        var alert = Assert.Single(await ListAsync(logs.ListAlerts(new())));
        Assert.Equal("disk 7 is full", alert.Log.Message);

        var second = Assert.Single(await ListAsync(logs.SearchLogs(new() { OldestFirst = true, PageToken = found[0].PageToken })));
        Assert.Equal("n1:1:2", second.Id);
        Assert.Equal(StatusCode.InvalidArgument, await FailureAsync(logs.SearchLogs(new() { Text = "other", PageToken = found[0].PageToken })));
    }

    [Fact]
    public async Task A_silent_node_goes_down_and_comes_back_and_a_restart_tells_nothing_twice()
    {
        _options.Detection.DefaultInterval = TimeSpan.FromMilliseconds(200);
        await StartMonitorAsync();
        var nodes = new NodeQueries.NodeQueriesClient(_channel);
        using (var events = nodes.WatchNodeEvents(new(), cancellationToken: _limit.Token))
        {
            await events.ResponseHeadersAsync;
            await SendAsync(Beat(1));

            Assert.Equal([NodeState.Up, NodeState.Suspect, NodeState.Down], await TakeAsync(events, 3));
        }

        Assert.Equal(NodeState.Down, (await nodes.GetNodeAsync(new() { NodeId = "n1" })).State);
        await UntilAsync(() => AlertsAsync(includeResolved: false), all => all.Count == 1);

        await StopMonitorAsync();
        await StartMonitorAsync();
        nodes = new NodeQueries.NodeQueriesClient(_channel);
        var again = await UntilReadyAsync(nodes);
        Assert.Equal(NodeState.Down, again.State);

        using var later = nodes.WatchNodeEvents(new(), cancellationToken: _limit.Token);
        await later.ResponseHeadersAsync;
        await SendAsync(Beat(2));
        Assert.Equal([NodeState.Up], await TakeAsync(later, 1));
        await UntilAsync(() => AlertsAsync(includeResolved: false), all => all.Count == 0);
        Assert.Single(await AlertsAsync(includeResolved: true));
    }

    [Fact]
    public async Task Maintenance_is_obeyed_and_ended()
    {
        await StartMonitorAsync();
        var nodes = new NodeQueries.NodeQueriesClient(_channel);
        await SendAsync(Beat(1));
        await UntilReadyAsync(nodes);

        var resting = await nodes.SetMaintenanceAsync(new() { NodeId = "n1", Duration = Duration.FromTimeSpan(TimeSpan.FromMinutes(5)) });
        Assert.Equal(NodeState.Maintenance, resting.State);
        var back = await nodes.SetMaintenanceAsync(new() { NodeId = "n1", Duration = new() });
        Assert.Contains(back.State, new[] { NodeState.Up, NodeState.Suspect });
    }

    [Fact]
    public async Task Bad_questions_are_told_what_is_wrong_with_them()
    {
        await StartMonitorAsync();
        var nodes = new NodeQueries.NodeQueriesClient(_channel);
        await SendAsync(Beat(1));
        await UntilReadyAsync(nodes);

        var unknown = await Assert.ThrowsAsync<RpcException>(async () => await nodes.GetNodeAsync(new() { NodeId = "n9" }));
        Assert.Equal(StatusCode.NotFound, unknown.StatusCode);
        Assert.Equal(StatusCode.InvalidArgument, await FailureAsync(nodes.ListNodes(new() { LabelSelector = "zone=eu-1,,x" })));
        Assert.Equal("n1", Assert.Single(await ListAsync(nodes.ListNodes(new() { LabelSelector = "zone=eu-1,role!=batch" }))).NodeId);
        Assert.Empty(await ListAsync(nodes.ListNodes(new() { LabelSelector = "zone notin (eu-1)" })));
        Assert.Single(await ListAsync(nodes.GetHeartbeatWindows(new() { NodeId = "n1" })));
        Assert.Contains((await nodes.DescribeStoresAsync(new())).Stores, s => s.Name == "nodes" && s.Entries == 1);
    }

    [Fact]
    public async Task A_record_that_is_no_log_goes_to_the_dead_letters_and_the_next_is_kept()
    {
        await StartMonitorAsync();
        await SendBytesAsync(_options.Topics.Logs, "n1", [0xFF, 0xFF, 0xFF]);

        await SendAsync(Log(1, "after the bad one"));

        var logs = new LogQueries.LogQueriesClient(_channel);
        await UntilAsync(() => ListAsync(logs.SearchLogs(new())), all => all.Count == 1);
    }

    [Fact]
    public async Task A_store_that_is_away_holds_nothing_else_up_and_gets_everything_once()
    {
        await using var elasticsearch = await FakeElasticsearch.StartAsync();
        _options.Store.Elasticsearch.Urls = [elasticsearch.Url];
        _options.Store.Elasticsearch.LongestPause = TimeSpan.FromMilliseconds(300);
        _options.Detection.DefaultInterval = TimeSpan.FromMilliseconds(200);
        await elasticsearch.CloseAsync();
        await StartMonitorAsync();
        var logs = new LogQueries.LogQueriesClient(_channel);
        using var alerts = logs.WatchAlerts(new(), cancellationToken: _limit.Token);
        await alerts.ResponseHeadersAsync;

        await SendAsync(Log(1, "all is well"), Log(2, "disk 7 is full", Severity.Error), Log(2, "disk 7 is full", Severity.Error), Beat(1), Beat(1));

        // The log's, then the node's, which falls silent: neither waits for the store.
        Assert.True(await alerts.ResponseStream.MoveNext(_limit.Token));
        Assert.True(await alerts.ResponseStream.MoveNext(_limit.Token));
        Assert.Equal(StatusCode.Unavailable, await FailureAsync(logs.SearchLogs(new())));
        await elasticsearch.OpenAsync();
        await UntilAsync(() => Task.FromResult(elasticsearch.Documents.Count), count => count >= 8);

        string[] ids = ["n1:1:1", "n1:1:2"];
        Assert.Equal(ids, Ids(elasticsearch, "logs-").Order());
        Assert.Equal(["n1:1:1"], Ids(elasticsearch, "heartbeats-"));
        Assert.Equal(2, Ids(elasticsearch, "alerts-").Count);
        Assert.Equal(3, Ids(elasticsearch, "node-events-").Count);

        // What was accepted was committed: another start sends none of it again.
        await StopMonitorAsync();
        var sent = elasticsearch.Sent["n1:1:2"];
        await StartMonitorAsync();
        await SendAsync(Log(3, "later"));
        await UntilAsync(() => Task.FromResult(Ids(elasticsearch, "logs-").Count), count => count == 3);
        Assert.Equal(sent, elasticsearch.Sent["n1:1:2"]);
    }

    [Fact]
    public async Task A_log_that_Elasticsearch_will_never_take_is_a_dead_letter_that_says_why()
    {
        await using var elasticsearch = await FakeElasticsearch.StartAsync();
        elasticsearch.Check = document => document.GetProperty("message").GetString() == "poison" ? (400, "document_parsing_exception") : null;
        _options.Store.Elasticsearch.Urls = [elasticsearch.Url];
        await StartMonitorAsync();

        await SendAsync(Log(1, "poison"), Log(2, "fine"));

        await UntilAsync(() => Task.FromResult(Ids(elasticsearch, "logs-").Count), count => count == 1);
        var (value, headers) = Assert.Single(await UntilAsync(() => Task.FromResult(DeadLetters()), letters => letters.Count > 0));
        Assert.Equal("poison", LogRecord.Parser.ParseFrom(value).Message);
        Assert.Equal("Elasticsearch: 400 document_parsing_exception: refused on cue", headers["__streams.errors.message"]);
        Assert.Equal(_options.Topics.Logs, headers["__streams.errors.topic"]);
        Assert.Equal("0", headers["__streams.errors.offset"]);
        Assert.Equal("n1:1:1", headers["streams.document.id"]);
    }

    [Fact]
    public async Task A_taken_port_is_a_setup_error()
    {
        using var other = new TcpListener(IPAddress.Loopback, 0);
        other.Start();
        _options.Port = ((IPEndPoint)other.LocalEndpoint).Port;

        var error = await Assert.ThrowsAsync<SetupException>(StartMonitorAsync);

        Assert.Contains($"{_options.Port}", error.Message, StringComparison.Ordinal);
    }

    private static List<string> Ids(FakeElasticsearch elasticsearch, string indexes) =>
        [.. elasticsearch.Documents.Keys.Where(key => key.Index.StartsWith(indexes, StringComparison.Ordinal)).Select(key => key.Id)];

    private List<(byte[] Value, Dictionary<string, string> Headers)> DeadLetters()
    {
        using var consumer = new ConfluentLogClient(_options.Kafka, NullLoggerFactory.Instance).CreateConsumer(new());
        var partitions = Enumerable.Range(0, _options.Topics.Partitions).Select(p => new TopicPartition(_options.Topics.DeadLetters, p)).ToList();
        var ends = partitions.ToDictionary(p => p, p => consumer.Watermarks(p, Limit).End);
        consumer.Assign([.. partitions.Select(p => (p, StartOffset.Earliest))]);
        var letters = new List<(byte[], Dictionary<string, string>)>();
        while (partitions.Any(p => (consumer.Position(p) ?? 0) < ends[p]))
        {
            _limit.Token.ThrowIfCancellationRequested();
            using var records = consumer.Poll(TimeSpan.FromMilliseconds(100), 1_000);
            for (var run = 0; run < records.RunCount; run++)
            {
                for (var i = 0; i < records.RunLength(run); i++)
                {
                    var record = records.Record(run, i);
                    letters.Add((record.Value.ToArray(), record.Headers.ToArray().ToDictionary(h => h.Key, h => System.Text.Encoding.UTF8.GetString(h.Value!))));
                }
            }
        }

        return letters;
    }

    private async Task StartMonitorAsync()
    {
        _monitor = MonitorHost.Build(_options, logging => logging.SetMinimumLevel(LogLevel.Debug).AddProvider(new OutputLoggerProvider(output)), TimeProvider.System);
        await _monitor.StartAsync(_limit.Token);
        var address = _monitor.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single();
        _channel = GrpcChannel.ForAddress(address);
    }

    private async Task StopMonitorAsync()
    {
        _channel?.Dispose();
        _channel = null;
        if (_monitor is { } monitor)
        {
            _monitor = null;
            await monitor.StopAsync(_limit.Token);
            await monitor.DisposeAsync();
        }
    }

    private static LogRecord Log(ulong sequence, string message, Severity severity = Severity.Info) => new()
    {
        NodeId = "n1",
        Severity = severity,
        Time = Timestamp.FromDateTimeOffset(DateTimeOffset.UnixEpoch.AddSeconds(sequence)),
        Message = message,
        Position = new() { Epoch = 1, Sequence = sequence },
    };

    private static Heartbeat Beat(ulong sequence) => new()
    {
        NodeId = "n1",
        Position = new() { Epoch = 1, Sequence = sequence },
        Observed = Timestamp.FromDateTimeOffset(TimeProvider.System.GetUtcNow()),
        Labels = { ["zone"] = "eu-1" },
    };

    private async Task SendAsync(params IMessage[] messages)
    {
        foreach (var message in messages)
            await SendBytesAsync(message is LogRecord ? _options.Topics.Logs : _options.Topics.Heartbeats, "n1", message.ToByteArray());
    }

    private async Task SendBytesAsync(string topic, string key, byte[] value)
    {
        var delivery = new Delivery();
        Append(topic, key, value, delivery);
        Assert.Empty(await delivery.SealAndWaitAsync(_limit.Token));
    }

    private void Append(string topic, string key, byte[] value, Delivery delivery) => Assert.True(_producer.TryAppend(
        new OutgoingRecord { Topic = topic, Key = System.Text.Encoding.UTF8.GetBytes(key), HasKey = true, Value = value, HasValue = true }, delivery));

    private Task<List<Alert>> AlertsAsync(bool includeResolved) =>
        ListAsync(new LogQueries.LogQueriesClient(_channel).ListAlerts(new() { IncludeResolved = includeResolved, Kind = AlertKind.Node }));

    private Task<Node> UntilReadyAsync(NodeQueries.NodeQueriesClient nodes) => UntilAsync(
        async () =>
        {
            try
            {
                return await nodes.GetNodeAsync(new() { NodeId = "n1" });
            }
            catch (RpcException notYet) when (notYet.StatusCode is StatusCode.Unavailable or StatusCode.NotFound)
            {
                return null!;
            }
        },
        node => node is not null);

    private async Task<T> UntilAsync<T>(Func<Task<T>> ask, Func<T, bool> enough)
    {
        using var pace = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        while (true)
        {
            var answer = await ask();
            if (enough(answer))
                return answer;
            await pace.WaitForNextTickAsync(_limit.Token);
        }
    }

    private async Task<List<T>> ListAsync<T>(AsyncServerStreamingCall<T> call)
    {
        using (call)
        {
            var all = new List<T>();
            while (await call.ResponseStream.MoveNext(_limit.Token))
                all.Add(call.ResponseStream.Current);
            return all;
        }
    }

    private async Task<StatusCode> FailureAsync<T>(AsyncServerStreamingCall<T> call) =>
        (await Assert.ThrowsAsync<RpcException>(() => ListAsync(call))).StatusCode;

    private async Task<List<NodeState>> TakeAsync(AsyncServerStreamingCall<NodeEvent> events, int count)
    {
        var states = new List<NodeState>();
        while (states.Count < count && await events.ResponseStream.MoveNext(_limit.Token))
            states.Add(events.ResponseStream.Current.To);
        return states;
    }
}
