using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Streams.Contracts.V1;

namespace Gateway.Tests;

public sealed class HeartbeatStreamTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private static Heartbeat Beat(ulong sequence, string node = "web-1") => new()
    {
        NodeId = node,
        Position = new Position { Epoch = 1, Sequence = sequence },
        Interval = Duration.FromTimeSpan(TimeSpan.FromSeconds(5)),
        Vitals = new Vitals { CpuRatio = 0.25 },
    };

    [Fact]
    public async Task Each_heartbeat_is_acknowledged_by_its_sequence_and_is_in_Kafka()
    {
        await using var bench = await GatewayBench.StartAsync();
        (await bench.OpenAsync()).Dispose();
        using var call = bench.Client().ReportHeartbeats(cancellationToken: bench.Limit);
        var before = TimeProvider.System.GetUtcNow();

        for (ulong i = 1; i <= 30; i++)
        {
            await call.RequestStream.WriteAsync(Beat(i));
            Assert.True(await call.ResponseStream.MoveNext().WaitAsync(Patience));
            Assert.Equal(i, call.ResponseStream.Current.Sequence);
        }

        await call.RequestStream.CompleteAsync();
        Assert.False(await call.ResponseStream.MoveNext().WaitAsync(Patience));

        var stored = bench.ReadTopic("heartbeats");
        Assert.All(stored, r => Assert.Equal("web-1", r.Key));
        var beats = stored.ConvertAll(r => Heartbeat.Parser.ParseFrom(r.Value));
        Assert.Equal(Enumerable.Range(1, 30).Select(i => (ulong)i), beats.Select(b => b.Position.Sequence));
        Assert.All(beats, b => Assert.InRange(b.Observed.ToDateTimeOffset(), before, TimeProvider.System.GetUtcNow()));
        Assert.Equal(0.25, beats[0].Vitals.CpuRatio);
    }

    [Theory]
    [InlineData("web-1", "web-2")]
    [InlineData("", "")]
    public async Task A_node_may_only_speak_for_itself(string first, string second)
    {
        await using var bench = await GatewayBench.StartAsync();
        (await bench.OpenAsync()).Dispose();
        using var call = bench.Client().ReportHeartbeats(cancellationToken: bench.Limit);

        await call.RequestStream.WriteAsync(Beat(1, first));

        // The first may be refused by now: then the call takes no second, and its responses say why.
        await Record.ExceptionAsync(() => call.RequestStream.WriteAsync(Beat(2, second)));
        var refused = await Assert.ThrowsAsync<RpcException>(async () =>
        {
            while (await call.ResponseStream.MoveNext().WaitAsync(Patience))
            {
            }
        });

        Assert.Equal(StatusCode.InvalidArgument, refused.StatusCode);
        Assert.DoesNotContain(bench.ReadTopic("heartbeats"), r => r.Key != first || r.Key.Length == 0);
    }
}
