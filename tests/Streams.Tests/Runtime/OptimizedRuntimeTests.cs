using Xunit.Abstractions;

namespace Streams.Tests.Runtime;

/// <summary>Optimised topologies on a broker: fewer topics, the same results, over several partitions.</summary>
public sealed class OptimizedRuntimeTests(OwnBroker broker, ITestOutputHelper output) : IClassFixture<OwnBroker>
{
    [SkippableFact]
    public async Task Aggregations_of_one_new_key_share_one_topic_and_restore_their_own_state()
    {
        await using var scene = new KafkaScene(broker, new TestLog(output));
        await scene.CreateAsync("in", 3);
        await scene.CreateAsync("out");
        await scene.ProduceAsync("in", Enumerable.Range(0, 90).Select(i => ($"k{i}", $"v{i % 9}", 1000L)));
        var first = await scene.StartAsync(TwoCounts(scene));
        await scene.ReadAsync("out", Serdes.Int64, r => r.Count == 180);
        await first.StopAsync();
        await scene.ProduceAsync("in", Enumerable.Range(0, 9).Select(i => ($"k{i}", $"v{i}", 2000L)));

        await scene.StartAsync(TwoCounts(scene));

        var read = await scene.ReadAsync("out", Serdes.Int64, r => r.Count == 198);
        Assert.All(read.TakeLast(18), r => Assert.Equal(11, r.Value));
        using var admin = scene.Client.CreateAdmin();
        var topics = await admin.ListTopicsAsync(scene.GivesUp);
        Assert.Equal([$"{scene.Id}-one-repartition"], topics.Keys.Where(t => t.StartsWith(scene.Id, StringComparison.Ordinal) && t.EndsWith("-repartition", StringComparison.Ordinal)));
    }

    [SkippableFact]
    public async Task A_stream_joined_with_itself_keeps_one_changelog_and_goes_on_after_a_restart()
    {
        await using var scene = new KafkaScene(broker, new TestLog(output));
        await scene.CreateAsync("in", 2);
        await scene.CreateAsync("out");
        var start = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds();
        await scene.ProduceAsync("in", [("k", "a", start)]);
        var first = await scene.StartAsync(WithItself(scene));
        await scene.ReadAsync("out", Serdes.String, r => r.Count == 1);
        await first.StopAsync();
        await scene.ProduceAsync("in", [("k", "b", start + 1)]);

        await scene.StartAsync(WithItself(scene));

        var read = await scene.ReadAsync("out", Serdes.String, r => r.Count == 4);
        Assert.Equal(["a+a", "a+b", "b+a", "b+b"], read.Select(r => r.Value).Order(StringComparer.Ordinal));
        using var admin = scene.Client.CreateAdmin();
        var topics = await admin.ListTopicsAsync(scene.GivesUp);
        Assert.Single(topics.Keys, t => t.StartsWith(scene.Id, StringComparison.Ordinal) && t.EndsWith("-changelog", StringComparison.Ordinal));
    }

    private static Topology TwoCounts(KafkaScene scene)
    {
        var builder = new StreamBuilder();
        var keyed = builder.Stream<string, string>(scene.Topic("in")).SelectKey((_, v) => v);
        keyed.GroupByKey().Count(Materialized.As<string, long>("one")).ToStream().To(scene.Topic("out"));
        keyed.Filter((_, _) => true).GroupByKey().Count(Materialized.As<string, long>("two")).ToStream().To(scene.Topic("out"));
        return builder.Build(TopologyOptimization.All);
    }

    private static Topology WithItself(KafkaScene scene)
    {
        var builder = new StreamBuilder();
        var stream = builder.Stream<string, string>(scene.Topic("in"));
        stream.Join(stream, (x, y) => $"{x}+{y}", JoinWindows.OfTimeDifferenceAndGrace(TimeSpan.FromMinutes(5), TimeSpan.FromMinutes(1)))
            .To(scene.Topic("out"), Produced.With(Serdes.String, Serdes.String));
        return builder.Build(TopologyOptimization.All);
    }
}
