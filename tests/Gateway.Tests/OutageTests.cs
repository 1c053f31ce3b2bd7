using Grpc.Core;

namespace Gateway.Tests;

/// <summary>Kafka comes and goes; the gateway stops.</summary>
public sealed class OutageTests
{
    [Fact]
    public async Task Without_Kafka_nothing_is_acknowledged_and_what_is_sent_again_afterwards_is_all_there()
    {
        await using var bench = await GatewayBench.StartAsync(o => o.AcknowledgeTimeout = TimeSpan.FromSeconds(1));
        using var agent = await bench.OpenAsync();
        await agent.SendAsync(1, 10);
        Assert.Equal(10ul, (await agent.AckAsync()).ThroughSequence);

        await bench.Broker.StopAsync();
        await agent.SendAsync(11, 10);
        await agent.SendAsync(21, 10);
        var (through, status) = await agent.EndAsync();
        await bench.Broker.StartAgainAsync();
        using var again = await bench.OpenAsync();
        await again.SendAsync(11, 20);
        await again.SendAsync(31, 10);
        await again.CompleteAsync();
        var (throughAgain, statusAgain) = await again.EndAsync();

        Assert.Equal((0ul, StatusCode.Unavailable), (through, status.StatusCode));
        Assert.Contains("Kafka", status.Detail, StringComparison.Ordinal);
        Assert.Equal((40ul, StatusCode.OK), (throughAgain, statusAgain.StatusCode));

        // Whoever drops what it has seen, as the monitor does, finds every record once and in order.
        ulong seen = 0;
        foreach (var record in bench.ReadLogs().Where(r => r.Position.Sequence > seen))
            Assert.Equal(++seen, record.Position.Sequence);
        Assert.Equal(40ul, seen);
    }

    [Fact]
    public async Task A_short_outage_is_waited_out()
    {
        await using var bench = await GatewayBench.StartAsync();
        using var agent = await bench.OpenAsync();
        await agent.SendAsync(1, 10);
        await agent.AckAsync();

        await bench.Broker.StopAsync();
        await agent.SendAsync(11, 10);
        await bench.Broker.StartAgainAsync();

        Assert.Equal(20ul, (await agent.AckAsync()).ThroughSequence);
        Assert.Equal(Enumerable.Range(1, 20).Select(i => (ulong)i), bench.ReadLogs().Select(r => r.Position.Sequence));
    }

    [Fact]
    public async Task Until_Kafka_is_there_agents_are_turned_away_with_the_reason()
    {
        await using var bench = await GatewayBench.StartAsync(brokerStopped: true);
        using var agent = new AgentStream(bench.Client().ShipLogs(), "node-1", 1);

        var refused = await Assert.ThrowsAsync<RpcException>(agent.HelloAsync);
        await bench.Broker.StartAgainAsync();
        using var later = await bench.OpenAsync();
        await later.SendAsync(1, 1);

        Assert.Equal(StatusCode.Unavailable, refused.StatusCode);
        Assert.Contains(bench.Options.Kafka.BootstrapServers, refused.Status.Detail, StringComparison.Ordinal);
        Assert.Equal(1ul, (await later.AckAsync()).ThroughSequence);
    }

    [Fact]
    public async Task At_the_bound_of_unacknowledged_batches_the_stream_is_not_read()
    {
        await using var bench = await GatewayBench.StartAsync(o => o.Limits.UnacknowledgedBatchesMax = 2);
        using var received = new BatchCounter(bench);
        using var agent = await bench.OpenAsync();
        await agent.SendAsync(1, 1);
        await agent.AckAsync();
        await bench.Broker.StopAsync();

        for (var i = 2; i <= 6; i++)
            await agent.SendAsync((ulong)i, 1);
        await received.ReachAsync(3, bench.Limit);
        await bench.Broker.StartAgainAsync();
        for (var i = 2; i <= 6; i++)
            Assert.Equal((ulong)i, (await agent.AckAsync()).ThroughSequence);

        Assert.Equal(2, received.InFlightMax);
    }

    [Fact]
    public async Task A_gateway_that_stops_acknowledges_what_is_in_flight_and_sends_its_agents_away()
    {
        await using var bench = await GatewayBench.StartAsync();
        using var agent = await bench.OpenAsync();
        await agent.SendAsync(1, 1000);
        await agent.AckAsync();

        var stopping = bench.StopGatewayAsync();
        var (_, status) = await agent.EndAsync();
        await stopping.WaitAsync(TimeSpan.FromSeconds(30));

        Assert.Equal(StatusCode.Unavailable, status.StatusCode);
        Assert.Contains("stopping", status.Detail, StringComparison.Ordinal);
        Assert.Equal(1000, bench.ReadLogs().Count);
    }

    [Fact]
    public async Task A_gateway_without_Kafka_stops_in_time()
    {
        await using var bench = await GatewayBench.StartAsync(o => o.DrainTimeout = TimeSpan.FromSeconds(1));
        using var agent = await bench.OpenAsync();
        await bench.Broker.StopAsync();
        await agent.SendAsync(1, 10);

        var stopping = bench.StopGatewayAsync();
        var (through, status) = await agent.EndAsync();
        await stopping.WaitAsync(TimeSpan.FromSeconds(30));

        Assert.Equal((0ul, StatusCode.Unavailable), (through, status.StatusCode));
    }
}
