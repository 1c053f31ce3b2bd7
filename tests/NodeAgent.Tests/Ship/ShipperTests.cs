using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Streams.Contracts.V1;
using TestKit;

namespace NodeAgent.Tests.Ship;

public sealed class ShipperTests
{
    private static string[] Lines(int from, int count) => [.. Enumerable.Range(from, count).Select(i => $"line {i:D6}")];

    [Fact]
    public async Task Every_line_arrives_in_order_under_the_agents_name()
    {
        await using var gateway = await FakeGateway.StartAsync();
        await using var scene = new AgentScene(gateway.Address);
        scene.Append("a.log", Lines(0, 5000));

        await scene.StartAsync();
        await gateway.UntilAsync(got => got.Records.Count >= 5000);
        await scene.StopAsync();

        Assert.Equal(Lines(0, 5000), gateway.Records.Select(record => record.Message));
        Assert.Equal(Enumerable.Range(1, 5000).Select(i => (ulong)i), gateway.Records.Select(record => record.Position.Sequence));
        var hello = Assert.Single(gateway.Hellos);
        Assert.Equal(("n1", gateway.Records[0].Position.Epoch), (hello.NodeId, hello.Epoch));
        Assert.All(gateway.Batches, batch => Assert.Equal(batch.FirstSequence, batch.Records[0].Position.Sequence));
    }

    [Fact]
    public async Task A_lone_line_leaves_at_once()
    {
        await using var gateway = await FakeGateway.StartAsync();
        await using var scene = new AgentScene(gateway.Address);
        scene.Options.Read.ScanInterval = TimeSpan.FromMinutes(10);
        scene.Append("a.log", "first");
        await scene.StartAsync();
        await gateway.UntilAsync(got => got.Records.Count == 1);

        scene.Append("a.log", "second");
        await gateway.UntilAsync(got => got.Records.Count == 2);

        Assert.Equal(2, gateway.Batches.Count);
    }

    [Fact]
    public async Task A_gateway_that_drops_streams_gets_what_it_did_not_acknowledge_again()
    {
        await using var gateway = await FakeGateway.StartAsync();
        await using var scene = new AgentScene(gateway.Address);
        scene.Options.Ship.BatchRecordsMax = 100;
        var batches = 0;
        gateway.OnBatch = batch => Interlocked.Increment(ref batches) % 5 == 0
            ? throw new RpcException(new Status(StatusCode.Unavailable, "Kafka is away"))
            : [FakeGateway.Ack(batch)];
        scene.Append("a.log", Lines(0, 5000));

        await scene.StartAsync();
        await gateway.UntilAsync(got => got.DistinctRecords.Count >= 5000);
        await scene.StopAsync();

        Assert.Equal(Lines(0, 5000), gateway.DistinctRecords.Select(record => record.Message));
        Assert.True(gateway.Hellos.Count > 5);
    }

    [Fact]
    public async Task Batches_keep_to_the_welcome_and_wait_for_acknowledgements()
    {
        await using var gateway = await FakeGateway.StartAsync();
        await using var scene = new AgentScene(gateway.Address);
        gateway.Welcome = new Welcome { MaxBatchRecords = 10, MaxUnacknowledgedBatches = 3 };
        gateway.OnBatch = batch => batch.FirstSequence % 30 == 21 ? [FakeGateway.Ack(batch)] : [];
        scene.Append("a.log", Lines(0, 300));

        await scene.StartAsync();
        await gateway.UntilAsync(got => got.Records.Count == 300);
        gateway.OnBatch = batch => [];
        await scene.StopAsync();

        Assert.All(gateway.Batches, batch => Assert.Equal(10, batch.Records.Count));
        Assert.Single(gateway.Hellos);
    }

    [Fact]
    public async Task No_more_than_the_agreed_batches_are_under_way()
    {
        await using var gateway = await FakeGateway.StartAsync();
        await using var scene = new AgentScene(gateway.Address);
        gateway.Welcome = new Welcome { MaxBatchRecords = 10, MaxUnacknowledgedBatches = 2 };
        var held = true;
        gateway.OnBatch = batch => Volatile.Read(ref held) ? [] : [FakeGateway.Ack(batch)];
        scene.Options.Ship.AnswerTimeout = TimeSpan.FromSeconds(1);
        scene.Append("a.log", Lines(0, 100));

        await scene.StartAsync();
        await gateway.UntilAsync(got => got.Hellos.Count == 2);

        Assert.True(gateway.Batches.Count <= 4, $"{gateway.Batches.Count} batches were sent on two streams.");
        Volatile.Write(ref held, false);
        await gateway.UntilAsync(got => got.DistinctRecords.Count == 100);
    }

    [Fact]
    public async Task A_refused_record_is_counted_named_once_and_not_sent_again()
    {
        await using var gateway = await FakeGateway.StartAsync();
        await using var scene = new AgentScene(gateway.Address);
        gateway.Welcome = new Welcome { MaxBatchRecords = 10 };
        gateway.OnBatch = batch =>
        {
            var ack = FakeGateway.Ack(batch);
            ack.Ack.Rejected.Add(new Rejection { Sequence = batch.FirstSequence, Reason = "too large" });
            return [ack];
        };
        scene.Append("a.log", Lines(0, 50));

        await scene.StartAsync();
        await gateway.UntilAsync(got => got.Records.Count == 50);
        await scene.StopAsync();

        Assert.Contains("too large", Assert.Single(scene.Log.Warnings));
        Assert.Equal(50, gateway.Records.Count);
        Assert.Equal(5UL, gateway.Heartbeats[^1].Vitals.RecordsDropped);
        Assert.Equal(45UL, gateway.Heartbeats[^1].Vitals.RecordsSent);
    }

    [Fact]
    public async Task A_gateway_that_asks_for_a_pause_gets_it()
    {
        await using var gateway = await FakeGateway.StartAsync();
        await using var scene = new AgentScene(gateway.Address);
        gateway.Welcome = new Welcome { MaxBatchRecords = 10, MaxUnacknowledgedBatches = 1 };
        var slow = new ShipLogsResponse { Slow = new Slow { Pause = Duration.FromTimeSpan(TimeSpan.FromMilliseconds(300)) } };
        var asked = 0L;
        var resumed = 0L;
        gateway.OnBatch = batch =>
        {
            if (batch.FirstSequence == 1)
            {
                asked = TimeProvider.System.GetTimestamp();
                return [slow, FakeGateway.Ack(batch)];
            }

            resumed = TimeProvider.System.GetTimestamp();
            return [FakeGateway.Ack(batch)];
        };
        scene.Append("a.log", Lines(0, 20));

        await scene.StartAsync();
        await gateway.UntilAsync(got => got.Records.Count == 20);

        Assert.True(TimeProvider.System.GetElapsedTime(asked, Volatile.Read(ref resumed)) >= TimeSpan.FromMilliseconds(250));
    }

    [Fact]
    public async Task Without_a_gateway_reading_goes_on_and_one_message_says_so()
    {
        await using var gateway = await FakeGateway.StartAsync();
        await gateway.CloseAsync();
        await using var scene = new AgentScene(gateway.Address);
        scene.Append("a.log", Lines(0, 10));
        await scene.StartAsync();
        await UntilAsync(() => scene.Log.Warnings.Any(text => text.Contains("No gateway takes logs", StringComparison.Ordinal)));
        scene.Append("a.log", Lines(10, 10));

        await gateway.OpenAsync();
        await gateway.UntilAsync(got => got.DistinctRecords.Count == 20);

        Assert.Single(scene.Log.Warnings, text => text.Contains("No gateway takes logs", StringComparison.Ordinal));
        Assert.Equal(Lines(0, 20), gateway.DistinctRecords.Select(record => record.Message));
    }

    [Fact]
    public async Task The_next_gateway_takes_over()
    {
        await using var first = await FakeGateway.StartAsync();
        await using var second = await FakeGateway.StartAsync();
        await using var scene = new AgentScene(first.Address, second.Address);
        scene.Append("a.log", Lines(0, 10));
        await scene.StartAsync();
        await first.UntilAsync(got => got.Records.Count == 10);

        await first.CloseAsync();
        scene.Append("a.log", Lines(10, 10));
        await second.UntilAsync(got => got.Records.Any(record => record.Message == "line 000019"));

        Assert.Equal(Lines(0, 20), first.Records.Concat(second.Records).Select(record => record.Message).Distinct());
    }

    [Fact]
    public async Task What_is_not_shipped_when_the_agent_stops_is_shipped_by_the_next()
    {
        await using var gateway = await FakeGateway.StartAsync();
        await using var scene = new AgentScene(gateway.Address);
        gateway.OnBatch = _ => [];
        scene.Options.DrainTimeout = TimeSpan.FromMilliseconds(100);
        scene.Append("a.log", Lines(0, 100));
        await scene.StartAsync();
        await gateway.UntilAsync(got => got.DistinctRecords.Count == 100);
        await scene.StopAsync();
        Assert.Contains(scene.Log.Messages, text => text.StartsWith("100 records are not acknowledged", StringComparison.Ordinal));

        gateway.OnBatch = batch => [FakeGateway.Ack(batch)];
        await scene.StartAsync();
        await gateway.UntilAsync(got => got.Records.Count >= 200);

        Assert.Equal(Lines(0, 100), gateway.DistinctRecords.Select(record => record.Message));
    }

    [Fact]
    public async Task A_gateway_that_acknowledges_what_it_never_got_is_not_believed()
    {
        await using var gateway = await FakeGateway.StartAsync();
        await using var scene = new AgentScene(gateway.Address);
        var lies = 1;
        gateway.OnBatch = batch => Interlocked.Exchange(ref lies, 0) == 1
            ? [new ShipLogsResponse { Ack = new Ack { ThroughSequence = 1_000_000 } }]
            : [FakeGateway.Ack(batch)];
        scene.Append("a.log", Lines(0, 100));

        await scene.StartAsync();
        await gateway.UntilAsync(got => got.Hellos.Count == 2 && got.Records.Count >= 200);

        Assert.Contains(scene.Log.Warnings, text => text.Contains("not sent", StringComparison.Ordinal));
    }

    private static async Task UntilAsync(Func<bool> condition)
    {
        using var timeout = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(10));
        while (!condition())
            await timer.WaitForNextTickAsync(timeout.Token);
    }
}
