using System.Text.RegularExpressions;
using Xunit.Abstractions;

namespace Streams.Tests.Runtime;

public sealed class PatternsOnOwnBroker(OwnBroker broker, ITestOutputHelper output) : PatternRuntimeTests(broker, output), IClassFixture<OwnBroker>;

public sealed class PatternsOnApacheKafka(ApacheKafka broker, ITestOutputHelper output)
    : PatternRuntimeTests(broker, output), IClassFixture<ApacheKafka>;

/// <summary>Sources that read whatever topics match a pattern, on a broker.</summary>
public abstract class PatternRuntimeTests(Broker broker, ITestOutputHelper output)
{
    [SkippableFact]
    public async Task Every_topic_that_matches_at_the_start_is_read_and_no_other()
    {
        await using var scene = new KafkaScene(broker, new TestLog(output));
        await scene.CreateAsync("in-a", 2);
        await scene.CreateAsync("in-b");
        await scene.CreateAsync("not-in-c");
        await scene.CreateAsync("out");
        await scene.ProduceAsync("not-in-c", [("c", "x", 900)]);
        await scene.ProduceAsync("in-a", Enumerable.Range(0, 10).Select(i => ($"a{i}", "x", 1000L)));
        await scene.ProduceAsync("in-b", Enumerable.Range(0, 10).Select(i => ($"b{i}", "x", 1000L)));

        await scene.StartAsync(Counts(scene));

        var read = await scene.ReadAsync("out", Serdes.Int64, r => r.Count == 20);
        Assert.Equal(20, read.Select(r => r.Key).Distinct().Count());
        Assert.DoesNotContain(read, r => r.Key == "c");
    }

    [SkippableFact]
    public async Task A_topic_that_comes_up_later_is_read_too_and_goes_on_with_the_state_of_the_others()
    {
        await using var scene = new KafkaScene(broker, new TestLog(output));
        await scene.CreateAsync("in-a", 2);
        await scene.CreateAsync("out");
        await scene.ProduceAsync("in-a", Enumerable.Range(0, 20).Select(i => ($"k{i}", "x", 1000L)));
        await scene.StartAsync(Counts(scene), LookOften);
        await scene.ReadAsync("out", Serdes.Int64, r => r.Count == 20);

        await scene.CreateAsync("in-b", 2);
        await scene.ProduceAsync("in-b", Enumerable.Range(0, 20).Select(i => ($"k{i}", "x", 2000L)));

        var read = await scene.ReadAsync("out", Serdes.Int64, r => r.Count == 40);
        Assert.All(read.TakeLast(20), r => Assert.Equal(2, r.Value));
    }

    [SkippableFact]
    public async Task Where_nothing_matches_yet_the_application_waits()
    {
        await using var scene = new KafkaScene(broker, new TestLog(output));
        await scene.CreateAsync("out");
        var application = await scene.StartAsync(Counts(scene), LookOften);
        Assert.Equal(KafkaStreamState.Rebalancing, application.State);

        await scene.CreateAsync("in-a", 2);

        await scene.ProduceAsync("in-a", [("k", "x", 1000)]);
        await scene.ReadAsync("out", Serdes.Int64, r => r.Count == 1);
    }

    [SkippableFact]
    public async Task Another_source_of_the_topology_does_not_wait_for_a_pattern_without_topics()
    {
        await using var scene = new KafkaScene(broker, new TestLog(output));
        await scene.CreateAsync("plain");
        await scene.CreateAsync("out");
        var builder = new StreamBuilder();
        builder.Stream<string, string>(new Regex($"{Regex.Escape(scene.Id)}-in-.*")).GroupBy((_, v) => v).Count();
        builder.Stream<string, string>(scene.Topic("plain")).To(scene.Topic("out"));
        await scene.ProduceAsync("plain", [("k", "x", 1000)]);

        await scene.StartAsync(builder.Build());

        await scene.ReadAsync("out", Serdes.String, r => r.Count == 1);
    }

    [SkippableFact]
    public async Task Two_instances_share_a_topic_that_came_up_later()
    {
        await using var scene = new KafkaScene(broker, new TestLog(output));
        await scene.CreateAsync("in-a", 4);
        await scene.CreateAsync("out");
        var first = await scene.StartAsync(Counts(scene), LookOften);
        var second = await scene.StartAsync(Counts(scene), LookOften);
        await scene.UntilAsync(first, KafkaStreamState.Running);
        await scene.UntilAsync(second, KafkaStreamState.Running);

        await scene.CreateAsync("in-b", 4);
        await scene.ProduceAsync("in-b", Enumerable.Range(0, 200).Select(i => ($"k{i}", "x", 1000L)));

        var read = await scene.ReadAsync("out", Serdes.Int64, r => r.Select(x => x.Key).Distinct().Count() == 200);
        Assert.All(read, r => Assert.Equal(1, r.Value));
        Assert.All([first, second], a => Assert.NotEqual(KafkaStreamState.Error, a.State));
    }

    private static void LookOften(StreamConfig config) => config.MetadataAgeMax = TimeSpan.FromMilliseconds(200);

    private static Topology Counts(KafkaScene scene)
    {
        var builder = new StreamBuilder();
        builder.Stream<string, string>(new Regex($"{Regex.Escape(scene.Id)}-in-.*"))
            .GroupByKey()
            .Count(Materialized.As<string, long>("counts"))
            .ToStream()
            .To(scene.Topic("out"));
        return builder.Build();
    }
}
