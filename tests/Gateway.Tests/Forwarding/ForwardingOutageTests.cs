using System.Net;
using Gateway.Forwarding;
using Microsoft.Extensions.Logging;
using TestKit;

namespace Gateway.Tests.Forwarding;

/// <summary>Fluentd is not there at the start, goes away, comes back, or is there and says nothing: what the gateway logs, what its probe says, what it keeps.</summary>
public sealed class ForwardingOutageTests
{
    [Theory]
    [InlineData(ForwardDelivery.BestEffort)]
    [InlineData(ForwardDelivery.Required)]
    public async Task Away_at_the_start_is_one_line_however_often_it_is_tried_and_one_more_when_it_comes(object delivery)
    {
        var isRequired = (ForwardDelivery)delivery is ForwardDelivery.Required;
        var port = UnusedPort.Take();
        await using var bench = await ForwardingTests.StartAsync(port, f => f.Delivery = (ForwardDelivery)delivery, o => o.AcknowledgeTimeout = TimeSpan.FromMinutes(1));
        using var agent = await bench.OpenAsync();
        await agent.SendAsync(1, 10);

        await bench.UntilAsync(async () => Metric(await MetricsAsync(bench), "streams_gateway_sink_connections_total{result=\"failed\"") >= 5);
        var line = Assert.Single(Warnings(bench));
        Assert.StartsWith($"The forward server at 127.0.0.1:{port} cannot be reached: Connection refused", line, StringComparison.Ordinal);
        Assert.EndsWith(isRequired ? "Agents are not acknowledged until Fluentd takes their logs." : "What its buffer cannot hold is not forwarded; Kafka has it.", line, StringComparison.Ordinal);
        var (status, said) = await ReadyAsync(bench);
        Assert.Equal(isRequired ? HttpStatusCode.ServiceUnavailable : HttpStatusCode.OK, status);
        Assert.Equal(isRequired, said.Contains($"\nfluentd: The forward server at 127.0.0.1:{port} cannot be reached", StringComparison.Ordinal));

        await using var fluentd = new FakeFluentd(port: port);
        await fluentd.UntilAsync(f => f.Events.Count == 10, bench.Limit);
        await bench.UntilAsync(() => Task.FromResult(bench.Log.Lines(LogLevel.Information).Contains($"Fluentd at 127.0.0.1:{port} acknowledges what is forwarded to it.")));
        Assert.Equal(10ul, (await agent.AckAsync()).ThroughSequence);
        Assert.Equal(HttpStatusCode.OK, (await ReadyAsync(bench)).Status);
        Assert.Single(Warnings(bench));
    }

    [Fact]
    public async Task Lost_while_running_and_required_the_buffer_keeps_to_its_bound_agents_wait_and_nothing_is_lost()
    {
        const int batch = 100;
        var first = new FakeFluentd();
        var port = first.Port;
        await using var bench = await ForwardingTests.StartAsync(first, f =>
        {
            f.Delivery = ForwardDelivery.Required;
            f.BufferRecordsMax = 2 * batch + batch / 2;
        }, o => o.AcknowledgeTimeout = TimeSpan.FromMinutes(1));
        using var agent = await bench.OpenAsync();
        await agent.SendAsync(1, batch);
        Assert.Equal((ulong)batch, (await agent.AckAsync()).ThroughSequence);
        var before = first.Events.Select(e => e.Id).ToHashSet();

        await first.DisposeAsync();
        for (var n = 1; n < 8; n++)
            await agent.SendAsync((ulong)(n * batch + 1), batch);
        await bench.UntilAsync(async () => Metric(await MetricsAsync(bench), "streams_gateway_sink_queue_records{sink=\"fluentd\"") == 2 * batch + batch / 2);
        await bench.UntilAsync(async () => (await ReadyAsync(bench)).Said.Contains("fluentd: ", StringComparison.Ordinal));
        await bench.UntilAsync(() => Task.FromResult(Warnings(bench).Any(line => line.Contains($"127.0.0.1:{port}", StringComparison.Ordinal))));
        Assert.Equal(0, Metric(await MetricsAsync(bench), "streams_gateway_sink_records_total{result=\"dropped\",sink=\"fluentd\""));

        await using var second = new FakeFluentd(port: port);
        for (ulong through = batch; through < 8 * batch;)
            through = (await agent.AckAsync()).ThroughSequence;
        var ids = before.Concat(second.Events.Select(e => e.Id)).ToHashSet();
        Assert.Equal(Enumerable.Range(1, 8 * batch).Select(n => $"node-1:1:{n}").Order(), ids.Order());
        await bench.UntilAsync(async () => (await ReadyAsync(bench)).Status == HttpStatusCode.OK);
    }

    [Fact]
    public async Task Lost_while_running_and_best_effort_agents_go_on_and_what_the_bound_keeps_out_is_counted_and_said()
    {
        var first = new FakeFluentd();
        var port = first.Port;
        await using var bench = await ForwardingTests.StartAsync(first, f => f.BufferRecordsMax = 100);
        using var meter = new SinkMeter(bench);
        using var agent = await bench.OpenAsync();
        await agent.SendAsync(1, 50);
        await meter.ReachAsync("acknowledged", 50, bench.Limit);

        await first.DisposeAsync();
        await agent.SendAsync(51, 500);
        for (ulong through = 0; through < 550;)
            through = (await agent.AckAsync()).ThroughSequence;
        Assert.Equal(HttpStatusCode.OK, (await ReadyAsync(bench)).Status);
        Assert.Contains(Warnings(bench), line => line.StartsWith($"The buffer for Fluentd at 127.0.0.1:{port} is full; ", StringComparison.Ordinal));

        await using var second = new FakeFluentd(port: port);
        await meter.ReachAsync("acknowledged", 150, bench.Limit);

        Assert.Equal((400L, 150L), (meter["dropped"], meter["acknowledged"]));
        Assert.Equal(Enumerable.Range(51, 100).Select(n => $"node-1:1:{n}"), second.Events.Select(e => e.Id));
    }

    [Fact]
    public async Task A_Fluentd_that_takes_connections_and_acknowledges_nothing_is_not_taken_for_ready_by_the_next_connection()
    {
        await using var fluentd = new FakeFluentd { Judge = _ => ChunkAnswer.Withhold };
        await using var bench = await ForwardingTests.StartAsync(fluentd, f =>
        {
            f.Delivery = ForwardDelivery.Required;
            f.AcknowledgeTimeout = TimeSpan.FromMilliseconds(100);
        }, o => o.AcknowledgeTimeout = TimeSpan.FromMinutes(1));
        using var agent = await bench.OpenAsync();
        await agent.SendAsync(1, 10);
        await fluentd.UntilAsync(f => f.Connections == 2, bench.Limit);

        // From the first failure on it stays so, through every new connection.
        await bench.UntilAsync(() =>
        {
            Assert.Contains("did not acknowledge a chunk within", bench.Trouble("fluentd"), StringComparison.Ordinal);
            return Task.FromResult(fluentd.Connections >= 6);
        });
        fluentd.Judge = _ => ChunkAnswer.Acknowledge;

        Assert.Equal(10ul, (await agent.AckAsync()).ThroughSequence);
        await bench.UntilAsync(() => Task.FromResult(bench.Trouble("fluentd") is null));
    }

    // Of the forwarding; Kafka has a moment to come in these tests, too.
    private static List<string> Warnings(GatewayBench bench) =>
        [.. bench.Log.Lines(LogLevel.Warning).Where(line => line.Contains("forward server", StringComparison.Ordinal) || line.Contains("Fluentd", StringComparison.Ordinal))];

    private static async Task<string> MetricsAsync(GatewayBench bench)
    {
        using var browser = new HttpClient { BaseAddress = new Uri(bench.AdminAddress) };
        return await browser.GetStringAsync("/metrics", bench.Limit);
    }

    private static async Task<(HttpStatusCode Status, string Said)> ReadyAsync(GatewayBench bench)
    {
        using var browser = new HttpClient { BaseAddress = new Uri(bench.AdminAddress) };
        using var answer = await browser.GetAsync("/readyz", bench.Limit);
        return (answer.StatusCode, await answer.Content.ReadAsStringAsync(bench.Limit));
    }

    private static double Metric(string metrics, string series) =>
        metrics.Split('\n').Where(line => line.StartsWith(series, StringComparison.Ordinal)).Sum(line => double.Parse(line[(line.LastIndexOf(' ') + 1)..], null));
}
