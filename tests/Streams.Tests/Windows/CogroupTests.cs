using Streams.TestKit;
using static Streams.Tests.Windows.Ticks;

namespace Streams.Tests.Windows;

/// <summary>Several grouped streams, of different types, aggregated into one table (KIP-150).</summary>
public sealed class CogroupTests
{
    [Fact]
    public void Records_of_all_streams_change_one_value_each_by_its_own_aggregator()
    {
        using var driver = Run(groups => groups.Aggregate(() => 0));
        var (orders, refunds, output) = (driver.CreateInputTopic<string, int>("orders"), driver.CreateInputTopic<string, string>("refunds"), Read(driver));

        orders.PipeInput("ann", 5, 10);
        refunds.PipeInput("ann", "two", 7);
        orders.PipeInput("bob", 1, 11);

        Assert.Equal([("ann", 5, 10L), ("ann", 2, 10L), ("bob", 1, 11L)], output.ReadRecordsToList().Select(r => (r.Key, r.Value, r.Timestamp)));
    }

    [Fact]
    public void A_record_without_key_or_value_is_dropped()
    {
        using var driver = Run(groups => groups.Aggregate(() => 0));
        var refunds = driver.CreateInputTopic<string, string>("refunds");

        refunds.PipeInput(null!, "two", 1);
        refunds.PipeInput("ann", null!, 2);

        Assert.Equal(2, driver.DroppedRecords);
    }

    [Fact]
    public void Cogrouped_streams_can_be_windowed()
    {
        using var driver = Run(
            groups => groups.WindowedBy(TumblingWindows.OfSizeWithNoGrace(Ms(10))).Aggregate(() => 0).ToStream((w, _) => $"{w.Key}@{w.Window.StartMs}"));
        var (orders, refunds, output) = (driver.CreateInputTopic<string, int>("orders"), driver.CreateInputTopic<string, string>("refunds"), Read(driver));

        orders.PipeInput("ann", 5, 1);
        refunds.PipeInput("ann", "one", 2);
        refunds.PipeInput("ann", "one", 12);

        Assert.Equal([("ann@0", 5), ("ann@0", 2), ("ann@10", -3)], output.ReadKeyValuesToList().Select(e => (e.Key, e.Value)));
    }

    [Fact]
    public void Cogrouped_streams_can_be_cut_into_sessions_that_merge()
    {
        using var driver = Run(groups => groups
            .WindowedBy(SessionTests.Sessions(gap: 5, grace: 100))
            .Aggregate(() => 0, (_, one, two) => one + two)
            .ToStream((w, _) => $"{w.Key}@{w.Window.StartMs}-{w.Window.EndMs}"));
        var (orders, refunds) = (driver.CreateInputTopic<string, int>("orders"), driver.CreateInputTopic<string, string>("refunds"));

        orders.PipeInput("ann", 5, 100);
        orders.PipeInput("ann", 6, 110);
        refunds.PipeInput("ann", "one", 105);

        Assert.Equal(("ann@100-110", 8), Read(driver).ReadKeyValuesToList().Select(e => (e.Key, e.Value)).Last());
    }

    [Fact]
    public void Streams_that_changed_their_keys_go_through_repartition_topics_of_their_own()
    {
        var builder = new StreamBuilder();
        var one = builder.Stream<string, string>("one").GroupBy((_, v) => v, Grouped.As<string, string>("first"));
        var two = builder.Stream<string, string>("two").GroupBy((_, v) => v, Grouped.As<string, string>("second"));
        one.Cogroup<int>((_, _, sum) => sum + 1).Cogroup(two, (_, _, sum) => sum + 10).Aggregate(() => 0, Materialized.As<string, int>("sums"));
        using var driver = new TopologyTestDriver(builder.Build());

        driver.CreateInputTopic<string, string>("one").PipeInput("k", "v", 1);
        driver.CreateInputTopic<string, string>("two").PipeInput("other", "v", 2);

        Assert.Equal(["test-first-repartition", "test-second-repartition", "test-sums-changelog"], driver.ProducedTopicNames.Order());
        Assert.Equal(new(11, 2), driver.GetTimestampedKeyValueStore<string, int>("sums").Get("v"));
    }

    [Fact]
    public void Nodes_are_named_after_what_was_given()
    {
        var builder = new StreamBuilder();
        Cogroup(builder).Aggregate(() => 0, Materialized.As<string, int>("sums"), named: "sum");

        var text = builder.Build().Describe();

        Assert.Contains("Processor: sum-cogroup-agg-0 (stores: [sums])", text, StringComparison.Ordinal);
        Assert.Contains("Processor: sum-cogroup-agg-1 (stores: [sums])", text, StringComparison.Ordinal);
        Assert.Contains("Processor: sum-cogroup-merge (stores: [])", text, StringComparison.Ordinal);
    }

    // The refunds' amounts are words: another type than the orders'.
    private static CogroupedKStream<string, int> Cogroup(StreamBuilder builder)
    {
        var orders = builder.Stream<string, int>("orders").GroupByKey();
        var refunds = builder.Stream<string, string>("refunds").GroupByKey();
        return orders.Cogroup<int>((_, amount, sum) => sum + amount).Cogroup(refunds, (_, amount, sum) => sum - amount.Length);
    }

    private static TopologyTestDriver Run(Func<CogroupedKStream<string, int>, KTable<string, int>> table) => Run(groups => table(groups).ToStream());

    private static TopologyTestDriver Run(Func<CogroupedKStream<string, int>, KStream<string, int>> stream)
    {
        var builder = new StreamBuilder();
        stream(Cogroup(builder)).To("out");
        return new(builder.Build());
    }

    private static TestOutputTopic<string, int> Read(TopologyTestDriver driver) => driver.CreateOutputTopic<string, int>("out");
}
