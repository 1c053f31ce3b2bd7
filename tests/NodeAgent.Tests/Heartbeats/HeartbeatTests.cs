using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Time.Testing;
using NodeAgent.Tests.Ship;
using Streams.Contracts.V1;
using TestKit;

namespace NodeAgent.Tests.Heartbeats;

public sealed class HeartbeatTests
{
    [Fact]
    public async Task A_heartbeat_comes_with_every_interval_and_says_who_and_how()
    {
        await using var gateway = await FakeGateway.StartAsync();
        await using var scene = new AgentScene(gateway.Address);
        var time = new FakeTimeProvider(new DateTimeOffset(2026, 1, 1, 12, 0, 0, TimeSpan.Zero));
        scene.Options.Labels = new Dictionary<string, string> { ["zone"] = "eu-1" };
        scene.Options.Services = ["order", "payment"];
        scene.Options.Version = "1.2.3";
        using var host = AgentHost.Build(scene.Options, _ => { }, time);
        await host.StartAsync();
        await gateway.UntilAsync(got => got.Heartbeats.Count == 1);

        for (var beat = 2; beat <= 4; beat++)
            await BeatAsync(gateway, time, beat);

        Assert.Equal([0, 5, 10, 15], gateway.Heartbeats.Select(heartbeat => (heartbeat.Sent.ToDateTimeOffset() - gateway.Heartbeats[0].Sent.ToDateTimeOffset()).TotalSeconds));
        Assert.Equal([1UL, 2UL, 3UL, 4UL], gateway.Heartbeats.Select(heartbeat => heartbeat.Position.Sequence));
        var last = gateway.Heartbeats[^1];
        Assert.Equal(("n1", "1.2.3", NodeState.Up), (last.NodeId, last.Version, last.Reported));
        Assert.Equal(TimeSpan.FromSeconds(5), last.Interval.ToTimeSpan());
        Assert.Equal("eu-1", last.Labels["zone"]);
        Assert.Equal(["order", "payment"], last.Services);
        Assert.InRange(last.Vitals.MemoryRatio, 0.001, 1);
    }

    [Fact]
    public async Task A_stop_in_good_order_says_goodbye_and_the_next_start_numbers_on()
    {
        await using var gateway = await FakeGateway.StartAsync();
        await using var scene = new AgentScene(gateway.Address);
        await scene.StartAsync();
        await gateway.UntilAsync(got => got.Heartbeats.Count == 1);

        await scene.StopAsync();
        Assert.Equal(NodeState.Left, gateway.Heartbeats[^1].Reported);
        await scene.StartAsync();
        await gateway.UntilAsync(got => got.Heartbeats.Count == 3);

        Assert.Equal(NodeState.Up, gateway.Heartbeats[^1].Reported);
        var positions = gateway.Heartbeats.Select(heartbeat => (heartbeat.Position.Epoch, heartbeat.Position.Sequence)).ToArray();
        Assert.Equal(positions.Order().Distinct(), positions);
        Assert.Single(positions.Select(position => position.Epoch).Distinct());
    }

    [Fact]
    public async Task A_gateway_that_comes_back_gets_heartbeats_again()
    {
        await using var gateway = await FakeGateway.StartAsync();
        await using var scene = new AgentScene(gateway.Address);
        scene.Options.HeartbeatInterval = TimeSpan.FromMilliseconds(50);
        await scene.StartAsync();
        await gateway.UntilAsync(got => got.Heartbeats.Count >= 2);
        await gateway.CloseAsync();
        var before = gateway.Heartbeats.Count;

        await gateway.OpenAsync();

        await gateway.UntilAsync(got => got.Heartbeats.Count >= before + 2);
    }

    [Fact]
    public async Task Heartbeats_without_answers_never_hold_up_logs()
    {
        await using var gateway = await FakeGateway.StartAsync();
        await using var scene = new AgentScene(gateway.Address);
        gateway.AnswersHeartbeats = false;
        scene.Options.HeartbeatInterval = TimeSpan.FromMilliseconds(50);
        await scene.StartAsync();
        await gateway.UntilAsync(got => got.Heartbeats.Count >= 10);

        scene.Append("a.log", "still here");

        await gateway.UntilAsync(got => got.Records.Count == 1);
    }

    [Fact]
    public async Task Without_a_gateway_the_agent_still_stops_soon()
    {
        await using var gateway = await FakeGateway.StartAsync();
        await gateway.CloseAsync();
        await using var scene = new AgentScene(gateway.Address);
        scene.Append("a.log", "kept");
        await scene.StartAsync();

        await scene.StopAsync().WaitAsync(TimeSpan.FromSeconds(30));

        Assert.Empty(gateway.Records);
    }

    // The agent arms its timer after the answer, on its own thread: time is moved until the beat is there.
    private static async Task BeatAsync(FakeGateway gateway, FakeTimeProvider time, int count)
    {
        var beat = gateway.UntilAsync(got => got.Heartbeats.Count >= count);
        time.Advance(TimeSpan.FromSeconds(5));
        await beat;
    }
}
