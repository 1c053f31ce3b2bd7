using Google.Protobuf.WellKnownTypes;
using Streams.Contracts.V1;
using TestKit;

namespace Gateway.Tests.Forwarding;

/// <summary>What Fluentd gets, and what becomes of it when Fluentd takes it, late, twice, or not at all.</summary>
public sealed class ForwardingTests
{
    [Fact]
    public async Task A_log_record_arrives_under_its_severity_with_its_time_to_the_nanosecond_and_an_id()
    {
        await using var fluentd = new FakeFluentd();
        await using var bench = await StartAsync(fluentd);
        using var agent = await bench.OpenAsync("web-1", epoch: 7);
        var record = agent.Record("disk full");
        record.Severity = Severity.Error;
        record.Time = new Timestamp { Seconds = 1_700_000_000, Nanos = 123_456_789 };
        record.Attributes["exception.type"] = "IOException";
        record.TraceId = "0af7651916cd43dd8448eb211c80319c";

        await agent.SendAsync(1, record, agent.Record("naïve ☃"));
        await agent.AckAsync();
        await fluentd.UntilAsync(f => f.Events.Count == 2, bench.Limit);

        var error = fluentd.Events.Single(e => e.Tag == "logs.error");
        Assert.Equal((1_700_000_000u, 123_456_789u), (error.Seconds, error.Nanoseconds));
        Assert.Equal(
            ("web-1:7:1", "web-1", "orders", "error", 17L, "disk full", "0af7651916cd43dd8448eb211c80319c", "/var/log/orders.log"),
            (error.Id, error.Fields["node"], error.Fields["service"], error.Fields["severity"], error.Fields["severity_number"],
                error.Fields["message"], error.Fields["trace_id"], error.Fields["source"]));
        Assert.Equal("IOException", ((Dictionary<string, object?>)error.Fields["attributes"]!)["exception.type"]);
        Assert.True(DateTimeOffset.TryParse((string)error.Fields["observed"]!, null, out _));
        var info = fluentd.Events.Single(e => e.Tag == "logs.info");
        Assert.Equal(("web-1:7:2", "naïve ☃"), (info.Id, info.Fields["message"]));
        Assert.False(info.Fields.ContainsKey("trace_id"));
        Assert.All(fluentd.Chunks, chunk => Assert.Equal(chunk.Events, chunk.Size));
    }

    [Theory]
    [InlineData(-5, 0)]
    [InlineData(0, 0)]
    [InlineData(1L << 32, 0)]
    public async Task A_time_that_the_format_cannot_say_is_left_to_Fluentd(long seconds, uint arrives)
    {
        await using var fluentd = new FakeFluentd();
        await using var bench = await StartAsync(fluentd);
        using var agent = await bench.OpenAsync();
        var record = agent.Record("from another age");
        record.Time = new Timestamp { Seconds = seconds };

        await agent.SendAsync(1, record);
        await fluentd.UntilAsync(f => f.Events.Count == 1, bench.Limit);

        Assert.Equal(arrives, fluentd.Events[0].Seconds);
    }

    [Fact]
    public async Task A_heartbeat_arrives_with_what_the_node_said_of_itself()
    {
        await using var fluentd = new FakeFluentd();
        await using var bench = await StartAsync(fluentd);
        (await bench.OpenAsync()).Dispose();
        using var call = bench.Client().ReportHeartbeats(cancellationToken: bench.Limit);

        await call.RequestStream.WriteAsync(new Heartbeat
        {
            NodeId = "web-1",
            Position = new Position { Epoch = 3, Sequence = 9 },
            Sent = new Timestamp { Seconds = 1_700_000_000 },
            Interval = Duration.FromTimeSpan(TimeSpan.FromSeconds(2.5)),
            Reported = NodeState.Up,
            Labels = { ["zone"] = "eu-1" },
            Services = { "orders" },
            Vitals = new Vitals { CpuRatio = 0.5, QueueBytes = 77 },
        });
        await fluentd.UntilAsync(f => f.Events.Count == 1, bench.Limit);

        var beat = fluentd.Events[0];
        Assert.Equal(("heartbeats", 1_700_000_000u, "web-1:3:9", "up", 2.5), (beat.Tag, beat.Seconds, beat.Id, beat.Fields["reported"], beat.Fields["interval_seconds"]));
        Assert.Equal("eu-1", ((Dictionary<string, object?>)beat.Fields["labels"]!)["zone"]);
        Assert.Equal(["orders"], (object?[])beat.Fields["services"]!);
        Assert.Equal((0.5, 77L), (((Dictionary<string, object?>)beat.Fields["vitals"]!)["cpu_ratio"], ((Dictionary<string, object?>)beat.Fields["vitals"]!)["queue_bytes"]));
    }

    [Fact]
    public async Task With_the_protobuf_asked_for_each_event_carries_what_Kafka_holds_and_all_are_in_one_order()
    {
        await using var fluentd = new FakeFluentd();
        await using var bench = await StartAsync(fluentd, f => f.IncludeProtobuf = true);
        using var agent = await bench.OpenAsync();

        var error = agent.Record("an error among them");
        error.Severity = Severity.Error;
        await agent.SendAsync(1, agent.Record("one"), error, agent.Record("three"));
        await agent.AckAsync();
        await fluentd.UntilAsync(f => f.Events.Count == 3, bench.Limit);

        Assert.All(fluentd.Events, e => Assert.Equal("logs.all", e.Tag));
        Assert.Equal(bench.ReadTopic("logs").Select(r => r.Value), fluentd.Events.Select(e => (byte[])e.Fields["protobuf"]!));
    }

    [Fact]
    public async Task Rejected_records_are_not_forwarded()
    {
        await using var fluentd = new FakeFluentd();
        await using var bench = await StartAsync(fluentd);
        using var agent = await bench.OpenAsync();
        var foreign = agent.Record("as someone else");
        foreign.NodeId = "web-2";

        await agent.SendAsync(1, foreign, agent.Record("mine"));
        await agent.AckAsync();
        await fluentd.UntilAsync(f => f.Events.Count > 0, bench.Limit);

        Assert.Equal(["mine"], fluentd.Events.Select(e => e.Fields["message"]));
    }

    [Theory]
    [InlineData(ChunkAnswer.Reset)]
    [InlineData(ChunkAnswer.ResetBeforeReading)]
    [InlineData(ChunkAnswer.Withhold)]
    [InlineData(ChunkAnswer.AcknowledgeAnother)]
    [InlineData(ChunkAnswer.Garbage)]
    [InlineData(ChunkAnswer.AcknowledgeAndClose)]
    public async Task Where_Fluentd_is_required_an_agent_is_acknowledged_only_what_Fluentd_acknowledged_and_nothing_is_lost(object answer)
    {
        // The first three chunks of each ten go wrong.
        await using var fluentd = new FakeFluentd(new() { Answer = n => n % 10 < 3 ? (ChunkAnswer)answer : ChunkAnswer.Acknowledge });
        await using var bench = await StartAsync(fluentd, f =>
        {
            f.Delivery = Gateway.Forwarding.ForwardDelivery.Required;
            f.AcknowledgeTimeout = TimeSpan.FromMilliseconds(200);
            f.ChunkBytesMax = 4 << 10;
        });
        using var agent = await bench.OpenAsync();

        for (var batch = 0; batch < 20; batch++)
        {
            await agent.SendAsync((ulong)(batch * 25 + 1), 25);
            Assert.Equal((ulong)(batch * 25 + 25), (await agent.AckAsync()).ThroughSequence);

            var here = fluentd.Events.Select(e => e.Id).ToHashSet();
            Assert.All(Enumerable.Range(1, batch * 25 + 25), n => Assert.Contains($"node-1:1:{n}", here));
        }

        // What came again came under the same chunk id, whole.
        Assert.All(fluentd.Chunks.GroupBy(chunk => chunk.Id), same => Assert.Single(same.Distinct()));
        Assert.Equal(500, bench.ReadLogs().Count);
    }

    [Fact]
    public async Task Where_Fluentd_is_required_and_silent_the_agent_is_told_to_send_again_and_a_probe_says_why()
    {
        var port = UnusedPort.Take();
        await using var bench = await StartAsync(port, f =>
        {
            f.Delivery = Gateway.Forwarding.ForwardDelivery.Required;
            f.RetryIntervalMax = TimeSpan.FromSeconds(1);
        }, o => o.AcknowledgeTimeout = TimeSpan.FromSeconds(1));
        using var agent = await bench.OpenAsync();

        await agent.SendAsync(1, 10);
        var (through, status) = await agent.EndAsync();

        Assert.Equal((0ul, Grpc.Core.StatusCode.Unavailable), (through, status.StatusCode));
        Assert.Contains("Fluentd", status.Detail, StringComparison.Ordinal);
        Assert.Contains($"127.0.0.1:{port}", bench.Trouble("fluentd"), StringComparison.Ordinal);

        await using var fluentd = new FakeFluentd(port: port);
        using var again = await bench.OpenAsync();
        await again.SendAsync(1, 10);

        Assert.Equal(10ul, (await again.AckAsync()).ThroughSequence);
        Assert.Null(bench.Trouble("fluentd"));
        Assert.Equal(10, fluentd.Events.Select(e => e.Id).Distinct().Count());
    }

    [Fact]
    public async Task Where_Fluentd_is_required_and_slow_a_full_buffer_stops_the_reading_and_nothing_is_lost()
    {
        await using var fluentd = new FakeFluentd { Hold = new(TaskCreationOptions.RunContinuationsAsynchronously) };
        await using var bench = await StartAsync(fluentd, f =>
        {
            f.Delivery = Gateway.Forwarding.ForwardDelivery.Required;
            f.BufferRecordsMax = 100;
        });
        using var agent = await bench.OpenAsync();

        for (var batch = 0; batch < 5; batch++)
            await agent.SendAsync((ulong)(batch * 50 + 1), 50);
        await fluentd.UntilAsync(f => f.Connections == 1, bench.Limit);
        fluentd.Hold.SetResult();
        for (var batch = 1; batch <= 5; batch++)
            Assert.Equal((ulong)batch * 50, (await agent.AckAsync()).ThroughSequence);

        Assert.Equal(Enumerable.Range(1, 250).Select(n => $"node-1:1:{n}"), fluentd.Events.Select(e => e.Id));
    }

    [Fact]
    public async Task Without_Fluentd_agents_and_Kafka_go_on_and_what_the_buffer_cannot_hold_is_counted()
    {
        var port = UnusedPort.Take();
        await using var bench = await StartAsync(port, f => f.BufferRecordsMax = 100);
        using var meter = new SinkMeter(bench);
        using var agent = await bench.OpenAsync();

        await agent.SendAsync(1, 500);
        Assert.Equal(500ul, (await agent.AckAsync()).ThroughSequence);
        await using var fluentd = new FakeFluentd(port: port);
        await meter.ReachAsync("acknowledged", 100, bench.Limit);

        Assert.Equal((400L, 100L), (meter["dropped"], meter["acknowledged"]));
        Assert.Equal(Enumerable.Range(1, 100).Select(n => $"node-1:1:{n}"), fluentd.Events.Select(e => e.Id));
        Assert.Equal(500, bench.ReadLogs().Count);
    }

    [Fact]
    public async Task A_chunk_that_is_never_acknowledged_is_given_up_and_counted_so_that_the_others_go_on()
    {
        var first = "";
        FakeFluentd? fluentd = null;
        await using var server = fluentd = new FakeFluentd();
        await using var bench = await StartAsync(fluentd, f =>
        {
            f.AcknowledgeTimeout = TimeSpan.FromMilliseconds(100);
            f.AttemptsMax = 3;
            f.UnacknowledgedChunksMax = 1;
        });
        fluentd.Judge = chunk => chunk == (first = first.Length == 0 ? chunk : first) ? ChunkAnswer.Withhold : ChunkAnswer.Acknowledge;
        using var meter = new SinkMeter(bench);
        using var agent = await bench.OpenAsync();

        await agent.SendAsync(1, 10);
        await fluentd.UntilAsync(f => f.Chunks.Count > 0, bench.Limit);
        await agent.SendAsync(11, 10);
        await meter.ReachAsync("acknowledged", 10, bench.Limit);

        Assert.Equal((10L, 20L, 3), (meter["dropped"], meter["resent"], fluentd.Chunks.Count(chunk => chunk.Id == first)));
    }

    [Fact]
    public async Task A_gateway_that_stops_hands_on_what_waits_for_company()
    {
        await using var fluentd = new FakeFluentd();
        await using var bench = await StartAsync(fluentd, f => f.FlushInterval = TimeSpan.FromMinutes(1));
        using var agent = await bench.OpenAsync();
        await agent.SendAsync(1, 10);
        await agent.AckAsync();

        await bench.StopGatewayAsync();

        Assert.Equal(10, fluentd.Events.Count);
    }

    internal static Task<GatewayBench> StartAsync(
        FakeFluentd fluentd, Action<Gateway.Forwarding.FluentdOptions>? set = null, Action<GatewayOptions>? setGateway = null) =>
        StartAsync(fluentd.Port, set, setGateway);

    internal static Task<GatewayBench> StartAsync(
        int port, Action<Gateway.Forwarding.FluentdOptions>? set = null, Action<GatewayOptions>? setGateway = null) =>
        GatewayBench.StartAsync(o =>
        {
            o.Fluentd.Server = $"127.0.0.1:{port}";
            o.Fluentd.FlushInterval = TimeSpan.FromMilliseconds(5);
            o.Fluentd.RetryInterval = TimeSpan.FromMilliseconds(10);
            o.Fluentd.RetryIntervalMax = TimeSpan.FromMilliseconds(100);
            set?.Invoke(o.Fluentd);
            setGateway?.Invoke(o);
        });
}
