using LoadScenarios;
using LoadTesting;
using Streams.Contracts.V1;
using TestKit;

namespace LoadTests.Tests.Scenarios;

public sealed class HeartbeatScenarioTests
{
    [Fact]
    public async Task Every_node_beats_at_its_interval_and_says_goodbye()
    {
        await using var gateway = await FakeGateway.StartAsync();
        var options = new LoadOptions
        {
            Gateway = gateway.Address,
            Duration = TimeSpan.FromSeconds(1),
            WarmUp = TimeSpan.Zero,
            Heartbeats = { Nodes = 20, Interval = TimeSpan.FromMilliseconds(200), Connections = 3, Verify = false },
        };

        var result = await LoadRunner.RegisterScenarios(ScenarioCatalog.Create("heartbeats", options, TimeProvider.System)).RunAsync();

        Assert.Equal((100, 0), (result.Get("heartbeats").Ok.Request.Count, result.Get("heartbeats").Fail.Request.Count));
        var nodes = gateway.Heartbeats.GroupBy(beat => beat.NodeId).ToList();
        Assert.Equal(20, nodes.Count);
        // A hello before the load, five in a second, a goodbye.
        Assert.All(nodes, beats => Assert.Equal([1, 2, 3, 4, 5, 6, 7], beats.Select(beat => (int)beat.Position.Sequence)));
        Assert.All(nodes, beats => Assert.Equal(Enumerable.Repeat(NodeState.Up, 6).Append(NodeState.Left), beats.Select(beat => beat.Reported)));
        Assert.All(gateway.Heartbeats, beat => Assert.Equal(options.Heartbeats.Interval, beat.Interval.ToTimeSpan()));
    }

    [Fact]
    public async Task A_gateway_that_goes_silent_is_timeouts()
    {
        await using var gateway = await FakeGateway.StartAsync();
        var options = new LoadOptions
        {
            Gateway = gateway.Address,
            Duration = TimeSpan.FromSeconds(1),
            WarmUp = TimeSpan.Zero,
            Timeout = TimeSpan.FromSeconds(3),
            Heartbeats = { Nodes = 5, Interval = TimeSpan.FromMilliseconds(200), Verify = false },
        };
        var scenario = ScenarioCatalog.Create("heartbeats", options, TimeProvider.System);
        var silent = scenario[0].WithThresholds(Threshold.Parse("errors<50%", [], []));

        var run = LoadRunner.RegisterScenarios(silent).RunAsync();
        await gateway.UntilAsync(known => known.Heartbeats.Count >= 10);
        gateway.AnswersHeartbeats = false;
        var result = await run;

        Assert.False(result.Passed);
        Assert.Contains(result.Get("heartbeats").Fail.StatusCodes, status => status.StatusCode == "timeout");
    }
}
