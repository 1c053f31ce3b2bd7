using Grpc.Core;
using Streams.Contracts.V1;

namespace Gateway.Tests;

public sealed class LogStreamTests
{
    [Fact]
    public async Task What_is_acknowledged_is_in_Kafka_whole_and_in_order()
    {
        await using var bench = await GatewayBench.StartAsync();
        using var agent = await bench.OpenAsync("web-1", epoch: 7);
        var before = TimeProvider.System.GetUtcNow();
        var first = agent.Record("disk full");
        first.Severity = Severity.Error;
        first.Attributes["exception.type"] = "IOException";
        first.Position = new Position { Epoch = 7, Sequence = 1 };

        await agent.SendAsync(1, first, agent.Record("second"));
        await agent.SendAsync(3, 500);
        Assert.Equal(2ul, (await agent.AckAsync()).ThroughSequence);
        Assert.Equal(502ul, (await agent.AckAsync()).ThroughSequence);

        var stored = bench.ReadTopic("logs");
        Assert.Equal(502, stored.Count);
        Assert.All(stored, r => Assert.Equal("web-1", r.Key));
        Assert.Single(stored.Select(r => r.Partition).Distinct());
        var records = stored.ConvertAll(r => LogRecord.Parser.ParseFrom(r.Value));
        Assert.Equal(Enumerable.Range(1, 502).Select(i => (7ul, (ulong)i)), records.Select(r => (r.Position.Epoch, r.Position.Sequence)));
        Assert.Equal(["disk full", "second", "line 3"], records.Take(3).Select(r => r.Message));
        Assert.Equal("IOException", records[0].Attributes["exception.type"]);
        Assert.InRange(records[0].Observed.ToDateTimeOffset(), before, TimeProvider.System.GetUtcNow());
    }

    [Fact]
    public async Task The_welcome_names_the_limits()
    {
        await using var bench = await GatewayBench.StartAsync(o => (o.Limits.BatchRecordsMax, o.Limits.RecordBytesMax, o.Limits.UnacknowledgedBatchesMax) = (10, 2000, 3));
        using var agent = await bench.OpenAsync();

        Assert.Equal(new Welcome { MaxBatchRecords = 10, MaxRecordBytes = 2000, MaxUnacknowledgedBatches = 3 }, agent.Welcome);
    }

    [Fact]
    public async Task A_record_that_can_never_be_accepted_is_rejected_by_its_sequence_and_the_others_go_on()
    {
        await using var bench = await GatewayBench.StartAsync(o => o.Limits.RecordBytesMax = 2000);
        using var agent = await bench.OpenAsync("web-1", epoch: 2);
        var foreign = agent.Record("as someone else");
        foreign.NodeId = "web-2";
        var severe = agent.Record("off the scale");
        severe.Severity = (Severity)99;
        var misplaced = agent.Record("from another place");
        misplaced.Position = new Position { Epoch = 2, Sequence = 77 };
        var nameless = agent.Record("mine, of course");
        nameless.NodeId = "";

        await agent.SendAsync(1, agent.Record("good"), foreign, severe, agent.Record(new string('x', 3000)), misplaced, nameless);
        var ack = await agent.AckAsync();

        Assert.Equal(6ul, ack.ThroughSequence);
        Assert.Equal([2ul, 3, 4, 5], ack.Rejected.Select(r => r.Sequence));
        Assert.Contains("web-2", ack.Rejected[0].Reason, StringComparison.Ordinal);
        Assert.Contains("99", ack.Rejected[1].Reason, StringComparison.Ordinal);
        Assert.Contains("2000", ack.Rejected[2].Reason, StringComparison.Ordinal);
        Assert.Contains("2:77", ack.Rejected[3].Reason, StringComparison.Ordinal);
        Assert.Equal([("good", "web-1"), ("mine, of course", "web-1")], bench.ReadLogs().Select(r => (r.Message, r.NodeId)));
    }

    [Fact]
    public async Task A_batch_of_nothing_but_rejected_records_is_acknowledged()
    {
        await using var bench = await GatewayBench.StartAsync(o => o.Limits.RecordBytesMax = 2000);
        using var agent = await bench.OpenAsync();

        await agent.SendAsync(1, agent.Record(new string('x', 3000)));

        Assert.Equal(1ul, (await agent.AckAsync()).ThroughSequence);
    }

    [Fact]
    public async Task A_stream_without_a_hello_is_refused()
    {
        await using var bench = await GatewayBench.StartAsync();
        (await bench.OpenAsync()).Dispose();
        using var agent = new AgentStream(bench.Client().ShipLogs(), "web-1", 1);

        await agent.SendAsync(1, 1);
        var (_, status) = await agent.EndAsync();

        Assert.Equal(StatusCode.InvalidArgument, status.StatusCode);
        Assert.Contains("hello", status.Detail, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", "node_id")]
    [InlineData(300, "255")]
    public async Task A_hello_that_names_nobody_is_refused(object node, string said)
    {
        await using var bench = await GatewayBench.StartAsync();
        (await bench.OpenAsync()).Dispose();
        using var agent = new AgentStream(bench.Client().ShipLogs(), node as string ?? new string('n', (int)node), 1);

        await agent.SendAsync(new ShipLogsRequest { Hello = new Hello { NodeId = node as string ?? new string('n', (int)node) } });
        var (_, status) = await agent.EndAsync();

        Assert.Equal(StatusCode.InvalidArgument, status.StatusCode);
        Assert.Contains(said, status.Detail, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("empty")]
    [InlineData("too many")]
    [InlineData("backwards")]
    [InlineData("a second hello")]
    public async Task A_stream_that_breaks_the_rules_ends_and_what_came_before_is_acknowledged(string fault)
    {
        await using var bench = await GatewayBench.StartAsync(o => o.Limits.BatchRecordsMax = 10);
        using var agent = await bench.OpenAsync();

        await agent.SendAsync(1, 10);
        await (fault switch
        {
            "empty" => agent.SendAsync(11),
            "too many" => agent.SendAsync(11, 11),
            "backwards" => agent.SendAsync(10, 1),
            _ => agent.SendAsync(new ShipLogsRequest { Hello = new Hello { NodeId = "node-1" } }),
        });
        var (through, status) = await agent.EndAsync();

        Assert.Equal(StatusCode.InvalidArgument, status.StatusCode);
        Assert.NotEmpty(status.Detail);
        Assert.Equal(10ul, through);
        Assert.Equal(10, bench.ReadLogs().Count);
    }

    [Fact]
    public async Task A_stream_that_is_done_ends_well_with_everything_acknowledged()
    {
        await using var bench = await GatewayBench.StartAsync();
        using var agent = await bench.OpenAsync();

        for (var i = 0; i < 40; i++)
            await agent.SendAsync((ulong)(i * 100 + 1), 100);
        await agent.CompleteAsync();
        var (through, status) = await agent.EndAsync();

        Assert.Equal((4000ul, StatusCode.OK), (through, status.StatusCode));
        Assert.Equal(4000, bench.ReadLogs().Count);
    }

    [Fact]
    public async Task What_is_sent_again_is_written_again()
    {
        await using var bench = await GatewayBench.StartAsync();

        for (var i = 0; i < 2; i++)
        {
            using var agent = await bench.OpenAsync();
            await agent.SendAsync(1, 3);
            await agent.AckAsync();
        }

        Assert.Equal([1ul, 2, 3, 1, 2, 3], bench.ReadLogs().Select(r => r.Position.Sequence));
    }

    [Fact]
    public async Task Fifty_agents_at_once_each_find_their_own_records_in_order()
    {
        const int agents = 50;
        await using var bench = await GatewayBench.StartAsync();
        (await bench.OpenAsync()).Dispose();

        await Task.WhenAll(Enumerable.Range(0, agents).Select(async n =>
        {
            using var agent = await bench.OpenAsync($"node-{n}");
            for (var i = 0; i < 10; i++)
                await agent.SendAsync((ulong)(i * 20 + 1), 20);
            await agent.CompleteAsync();
            Assert.Equal((200ul, StatusCode.OK), (await agent.EndAsync()) is var (through, status) ? (through, status.StatusCode) : default);
        }));

        var byNode = bench.ReadLogs().GroupBy(r => r.NodeId).ToList();
        Assert.Equal(agents, byNode.Count);
        Assert.All(byNode, node => Assert.Equal(Enumerable.Range(1, 200).Select(i => (ulong)i), node.Select(r => r.Position.Sequence)));
    }

    [Fact]
    public async Task A_message_that_is_no_protobuf_ends_its_stream_and_no_other()
    {
        await using var bench = await GatewayBench.StartAsync();
        using var good = await bench.OpenAsync("good");
        var bytes = Marshallers.Create(b => b, b => b);
        var method = new Method<byte[], byte[]>(MethodType.DuplexStreaming, "streams.v1.Ingest", "ShipLogs", bytes, bytes);
        using var garbage = bench.Channel().CreateCallInvoker().AsyncDuplexStreamingCall(method, null, new CallOptions());

        await garbage.RequestStream.WriteAsync([0xff, 0xff, 0xff, 0x07, 0x13]);
        var ended = await Assert.ThrowsAsync<RpcException>(() => garbage.ResponseStream.MoveNext());

        Assert.NotEqual(StatusCode.OK, ended.StatusCode);
        await good.SendAsync(1, 1);
        Assert.Equal(1ul, (await good.AckAsync()).ThroughSequence);
    }

    [Fact]
    public async Task A_sender_over_its_rate_is_asked_to_pause_and_loses_nothing()
    {
        await using var bench = await GatewayBench.StartAsync(o => o.Limits.RecordsPerSecondMax = 100);
        using var agent = await bench.OpenAsync();

        await agent.SendAsync(1, 150);
        var responses = new[] { await agent.NextAsync(), await agent.NextAsync() };

        var slow = Assert.Single(responses, r => r.Slow is not null).Slow;
        Assert.InRange(slow.Pause.ToTimeSpan(), TimeSpan.FromMilliseconds(1), TimeSpan.FromMilliseconds(500));
        Assert.Equal(150ul, Assert.Single(responses, r => r.Ack is not null).Ack.ThroughSequence);
    }

    [Fact]
    public async Task One_stream_too_many_is_refused()
    {
        await using var bench = await GatewayBench.StartAsync(o => o.Limits.StreamsMax = 2);
        using var first = await bench.OpenAsync("a");
        using var second = await bench.OpenAsync("b");

        var refused = await Assert.ThrowsAsync<RpcException>(() => bench.OpenAsync("c"));

        Assert.Equal(StatusCode.ResourceExhausted, refused.StatusCode);
    }
}
