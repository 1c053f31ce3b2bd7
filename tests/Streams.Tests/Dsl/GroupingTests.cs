using Streams.TestKit;

namespace Streams.Tests.Dsl;

public sealed class GroupingTests
{
    [Fact]
    public void A_key_as_it_came_needs_no_repartition_topic()
    {
        using var driver = Run(b => b.Stream<string, string>("in").Filter((_, _) => true).MapValues(v => v).GroupByKey().Count(Store));

        driver.CreateInputTopic<string, string>("in").PipeInput("k", "v", 1);

        Assert.Equal(["test-counts-changelog"], driver.ProducedTopicNames);
    }

    [Theory]
    [InlineData("map")]
    [InlineData("flatMap")]
    [InlineData("selectKey")]
    [InlineData("groupBy")]
    [InlineData("process")]
    public void A_key_that_may_have_changed_goes_through_a_repartition_topic(string how)
    {
        using var driver = Run(b =>
        {
            var stream = b.Stream<string, string>("in");
            var groups = how switch
            {
                "map" => stream.Map((k, v) => KeyValue.Pair(k, v)).GroupByKey(),
                "flatMap" => stream.FlatMap((k, v) => new[] { KeyValue.Pair(k, v) }).GroupByKey(),
                "selectKey" => stream.SelectKey((k, _) => k).GroupByKey(),
                "groupBy" => stream.GroupBy((k, _) => k),
                _ => stream.Process(() => new Pass()).GroupByKey(),
            };
            groups.Count(Store);
        });

        driver.CreateInputTopic<string, string>("in").PipeInput("k", "v", 1);

        Assert.Equal(["test-counts-changelog", "test-counts-repartition"], driver.ProducedTopicNames.Order());
        Assert.Equal(new(1, 1), driver.GetTimestampedKeyValueStore<string, long>("counts").Get("k"));
    }

    [Fact]
    public void Two_aggregations_share_a_repartition_topic_that_has_a_name()
    {
        using var driver = Run(b =>
        {
            var groups = b.Stream<string, string>("in").GroupBy((_, v) => v, Grouped.As<string, string>("by-value"));
            groups.Count(Store);
            groups.Reduce((_, latest) => latest, Materialized.As<string, string>("latest"));
        });

        driver.CreateInputTopic<string, string>("in").PipeInput("k", "v", 1);

        Assert.Equal(["test-by-value-repartition", "test-counts-changelog", "test-latest-changelog"], driver.ProducedTopicNames.Order());
    }

    [Fact]
    public void A_record_without_key_or_value_belongs_to_no_group_and_is_counted_as_dropped()
    {
        using var driver = Run(b => b.Stream<string, string>("in").GroupByKey().Count(Store));
        var input = driver.CreateInputTopic<string, string>("in");

        input.PipeInput(null!, "v", 1);
        input.PipeInput("k", null!, 2);

        Assert.Equal(2, driver.DroppedRecords);
        Assert.Equal(0, driver.GetTimestampedKeyValueStore<string, long>("counts").Count);
    }

    [Fact]
    public void A_result_has_the_greatest_time_of_its_records()
    {
        using var driver = Run(b => b.Stream<string, string>("in").GroupByKey().Count(Store).ToStream().To("out"));
        var input = driver.CreateInputTopic<string, string>("in");

        input.PipeInput("k", "v", 100);
        input.PipeInput("k", "late", 40);

        Assert.Equal([100, 100], driver.CreateOutputTopic<string, long>("out").ReadRecordsToList().Select(r => r.Timestamp));
    }

    [Fact]
    public void A_groups_first_value_is_taken_as_it_is_by_a_reducer_and_null_deletes_the_group()
    {
        using var driver = Run(b => b.Stream<string, string>("in")
            .GroupByKey()
            .Reduce((before, value) => value == "gone" ? null! : $"{before}+{value}", Materialized.As<string, string>("sums"))
            .ToStream()
            .To("out"));
        var input = driver.CreateInputTopic<string, string>("in");

        foreach (var (value, at) in new[] { ("a", 1L), ("b", 2L), ("gone", 3L), ("c", 4L) })
            input.PipeInput("k", value, at);

        Assert.Equal(
            ["a@1", "a+b@2", "@3", "c@4"],
            driver.CreateOutputTopic<string, string>("out").ReadRecordsToList().Select(r => $"{r.Value}@{r.Timestamp}"));
        Assert.Equal("c", driver.GetKeyValueStore<string, string>("sums").Get("k"));
    }

    [Fact]
    public void An_aggregate_begins_with_its_first_value_and_may_be_of_another_type()
    {
        using var driver = Run(b => b.Stream<string, string>("in")
            .GroupByKey()
            .Aggregate(() => 100L, (_, value, sum) => sum + value.Length, Materialized.As<string, long>("lengths"))
            .ToStream()
            .To("out"));
        var input = driver.CreateInputTopic<string, string>("in");

        input.PipeInput("k", "pear", 1);
        input.PipeInput("k", "fig", 2);

        Assert.Equal([104L, 107L], driver.CreateOutputTopic<string, long>("out").ReadValuesToList());
    }

    [Fact]
    public void An_aggregator_that_returns_null_deletes_the_group()
    {
        using var driver = Run(b => b.Stream<string, string>("in")
            .GroupByKey()
            .Aggregate(() => "", (_, v, sum) => v == "end" ? null! : sum + v, Materialized.As<string, string>("sums"))
            .ToStream()
            .To("out"));
        var input = driver.CreateInputTopic<string, string>("in");
        input.PipeInput("k", "a", 1);

        input.PipeInput("k", "end", 2);

        Assert.False(driver.CreateOutputTopic<string, string>("out").ReadRecordsToList()[1].HasValue);
        Assert.False(driver.CreateOutputTopic<string, string>("test-sums-changelog").ReadRecordsToList()[1].HasValue);
        Assert.Equal(0, driver.GetTimestampedKeyValueStore<string, string>("sums").Count);
    }

    [Fact]
    public void A_hopping_record_counts_in_every_window_that_is_open_at_its_time()
    {
        using var driver = Run(b => b.Stream<string, string>("in")
            .GroupByKey()
            .WindowedBy(HoppingWindows.Of(TimeSpan.FromMilliseconds(10), TimeSpan.FromMilliseconds(5)))
            .Count(Store)
            .ToStream((w, _) => w.Window.StartMs)
            .To("out"));

        driver.CreateInputTopic<string, string>("in").PipeInput("k", "v", 12);

        Assert.Equal([5, 10], driver.CreateOutputTopic<long, long>("out").ReadKeyValuesToList().Select(e => e.Key));
    }

    private static Materialized<string, long> Store => Materialized.As<string, long>("counts");

    private static TopologyTestDriver Run(Action<StreamBuilder> declare)
    {
        var builder = new StreamBuilder();
        declare(builder);
        return new(builder.Build());
    }

    private sealed class Pass : Processor<string, string, string, string>
    {
        public override void Process(in Record<string, string> record) => Context.Forward(in record);
    }
}
