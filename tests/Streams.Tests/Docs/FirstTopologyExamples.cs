using Streams.TestKit;

namespace Streams.Tests.Docs;

/// <summary>docs/engine.md: a first topology, tested, described, run.</summary>
public sealed class FirstTopologyExamples
{
    public static Topology Words()
    {
        #region first topology
        var builder = new StreamBuilder();
        builder.Stream<string, string>("lines")
            .FlatMapValues(line => line.ToLowerInvariant().Split(' '))
            .GroupBy((_, word) => word, Grouped.As<string, string>("words"))
            .Count(Materialized.As<string, long>("counts"))
            .ToStream()
            .To("word-counts");
        Topology topology = builder.Build();
        #endregion
        return topology;
    }

    [Fact]
    public void Words_are_counted()
    {
        var topology = Words();

        #region first test
        using var driver = new TopologyTestDriver(topology);
        var lines = driver.CreateInputTopic<string, string>("lines");
        var counts = driver.CreateOutputTopic<string, long>("word-counts");

        lines.PipeInput("any key", "to be or not to be");

        Assert.Equal(2, counts.ReadKeyValuesToMap()["be"]);
        Assert.Equal(2, driver.GetTimestampedKeyValueStore<string, long>("counts").Get("to").Value);
        #endregion
    }

    [Fact]
    public void Time_is_the_tests()
    {
        var builder = new StreamBuilder();
        builder.Stream<string, string>("in").GroupByKey().Count().ToStream().To("out");
        var topology = builder.Build();

        #region driver time
        var noon = new DateTimeOffset(2026, 1, 1, 12, 0, 0, TimeSpan.Zero);
        using var driver = new TopologyTestDriver(topology, new StreamConfig { ApplicationId = "shop" }, start: noon);
        var input = driver.CreateInputTopic<string, string>("in", start: noon, autoAdvance: TimeSpan.FromSeconds(1));

        input.PipeInput("k", "at noon");
        input.PipeInput("k", "a second later");
        input.PipeInput("k", "an hour earlier", noon.AddHours(-1));
        driver.AdvanceWallClockTime(TimeSpan.FromMinutes(1));

        Assert.Contains("shop-KSTREAM-AGGREGATE-STATE-STORE-0000000001-changelog", driver.ProducedTopicNames);
        #endregion
        Assert.Equal([1, 2, 3], driver.CreateOutputTopic<string, long>("out").ReadValuesToList());
    }
}
