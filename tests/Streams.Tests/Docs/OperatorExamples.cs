using System.Text.RegularExpressions;
using Streams.TestKit;

namespace Streams.Tests.Docs;

/// <summary>docs/engine.md: operators one record at a time, groups, tables.</summary>
public sealed class OperatorExamples
{
    #region order
    public sealed record Order(string Customer, string Product, decimal Amount);
    #endregion

    [Fact]
    public void Records_are_changed_one_at_a_time()
    {
        var seen = new List<string>();

        #region stateless
        var builder = new StreamBuilder().UseSerde(Serdes.Json<Order>());
        KStream<string, Order> orders = builder.Stream<string, Order>("orders");

        orders
            .Filter((_, order) => order.Amount > 0)
            .MapValues(order => order with { Product = order.Product.ToUpperInvariant() })
            .SelectKey((_, order) => order.Product)
            .Peek((product, _) => seen.Add(product))
            .To("orders-by-product");
        #endregion

        using var driver = new TopologyTestDriver(builder.Build());
        var input = driver.CreateInputTopic("orders", Serdes.String, Serdes.Json<Order>());
        input.PipeInput("1", new("ann", "tea", 3));
        input.PipeInput("2", new("ben", "jam", -1));
        Assert.Equal(["TEA"], seen);
        Assert.Equal("TEA", driver.CreateOutputTopic("orders-by-product", Serdes.String, Serdes.Json<Order>()).ReadRecord().Key);
    }

    [Fact]
    public void A_stream_is_split_and_merged()
    {
        var builder = new StreamBuilder().UseSerde(Serdes.Json<Order>());
        var orders = builder.Stream<string, Order>("orders");

        #region split
        IReadOnlyDictionary<string, KStream<string, Order>> branches = orders.Split("by-size-")
            .Branch((_, order) => order.Amount < 0, returned => returned.To("returns"))
            .Branch((_, order) => order.Amount >= 100, named: "large")
            .DefaultBranch(named: "small");

        branches["by-size-large"].MapValues(order => order with { Product = order.Product + " (check)" })
            .Merge(branches["by-size-small"])
            .To((_, order, _) => $"orders-of-{order.Customer}");
        #endregion

        using var driver = new TopologyTestDriver(builder.Build());
        var input = driver.CreateInputTopic("orders", Serdes.String, Serdes.Json<Order>());
        input.PipeInput("1", new("ann", "sofa", 500));
        input.PipeInput("2", new("ann", "tea", 3));
        input.PipeInput("3", new("ann", "tea", -3));
        Assert.Equal(
            ["sofa (check)", "tea"],
            driver.CreateOutputTopic("orders-of-ann", Serdes.String, Serdes.Json<Order>()).ReadValuesToList().Select(o => o.Product));
        Assert.Equal(1, driver.CreateOutputTopic("returns", Serdes.String, Serdes.Json<Order>()).QueueSize);
    }

    [Fact]
    public void A_branch_becomes_another_stream_under_its_name()
    {
        var builder = new StreamBuilder();

        #region branched
        KStream<string, string> readings = builder.Stream<string, string>(new Regex("readings-.+"));

        KStream<string, string> cold = readings.Split("by-heat-")
            .Branch((_, celsius) => celsius[0] == '-', Branched.WithFunction<string, string>(below => below.MapValues(celsius => celsius + " °C"), "cold"))
            .NoDefaultBranch()["by-heat-cold"];
        #endregion

        cold.To("cold");
        using var driver = new TopologyTestDriver(builder.Build());
        driver.CreateInputTopic<string, string>("readings-attic").PipeInput("attic", "-3");
        driver.CreateInputTopic<string, string>("readings-hall").PipeInput("hall", "19");
        Assert.Equal(["-3 °C"], driver.CreateOutputTopic<string, string>("cold").ReadValuesToList());
    }

    [Fact]
    public void A_topic_in_between_and_a_partitioner()
    {
        var builder = new StreamBuilder().UseSerde(Serdes.Json<Order>());
        var orders = builder.Stream<string, Order>("orders");

        #region repartition
        orders
            .Repartition(Repartitioned.As<string, Order>("spread").WithNumberOfPartitions(12))
            .To("audited", new Produced<string, Order>()
                .WithPartitioner((string topic, in Record<string, Order> record, int partitions) => record.Value.Customer.Length % partitions));
        #endregion

        using var driver = new TopologyTestDriver(builder.Build());
        driver.CreateInputTopic("orders", Serdes.String, Serdes.Json<Order>()).PipeInput("1", new("ann", "tea", 3));
        Assert.Contains("test-spread-repartition", driver.ProducedTopicNames);
        Assert.Contains("audited", driver.ProducedTopicNames);
    }

    [Fact]
    public void Groups_become_tables()
    {
        var builder = new StreamBuilder().UseSerde(Serdes.Json<Order>());
        var orders = builder.Stream<string, Order>("orders");

        #region aggregate
        KGroupedStream<string, Order> byCustomer = orders.GroupBy((_, order) => order.Customer);

        KTable<string, long> count = byCustomer.Count();
        KTable<string, Order> largest = byCustomer.Reduce((soFar, order) => order.Amount > soFar.Amount ? order : soFar);
        KTable<string, decimal> spent = byCustomer.Aggregate(
            () => 0m,
            (_, order, sum) => sum + order.Amount,
            Materialized.As<string, decimal>("spent").WithValueSerde(Serdes.Json<decimal>()));
        #endregion

        #region table grouping
        KTable<string, Order> latest = builder.Table<string, Order>("latest-orders");
        KTable<string, long> popular = latest
            .Filter((_, order) => order.Amount > 0)
            .GroupBy((customer, order) => KeyValue.Pair(order.Product, customer))
            .Count(Materialized.As<string, long>("customers-by-product"));
        #endregion

        count.ToStream().To("count");
        largest.ToStream().To("largest");
        using var driver = new TopologyTestDriver(builder.Build());
        var input = driver.CreateInputTopic("orders", Serdes.String, Serdes.Json<Order>());
        input.PipeInput("1", new("ann", "tea", 3));
        input.PipeInput("2", new("ann", "jam", 4));
        Assert.Equal(7, driver.GetTimestampedKeyValueStore<string, decimal>("spent").Get("ann").Value);
        Assert.Equal(2, driver.CreateOutputTopic<string, long>("count").ReadKeyValuesToMap()["ann"]);
        Assert.Equal(4, driver.CreateOutputTopic("largest", Serdes.String, Serdes.Json<Order>()).ReadKeyValuesToMap()["ann"].Amount);

        var table = driver.CreateInputTopic("latest-orders", Serdes.String, Serdes.Json<Order>());
        table.PipeInput("ann", new("ann", "tea", 3));
        table.PipeInput("ben", new("ben", "tea", 3));
        table.PipeInput("ann", new("ann", "jam", 3));
        Assert.Equal(1, driver.GetTimestampedKeyValueStore<string, long>("customers-by-product").Get("tea").Value);
        Assert.NotNull(popular);
        Assert.NotNull(spent);
    }

    [Fact]
    public void Several_streams_become_one_table()
    {
        var builder = new StreamBuilder();
        var orders = builder.Stream<string, string>("orders");
        var visits = builder.Stream<string, string>("visits");

        #region cogroup
        KTable<string, string> history = orders.GroupByKey()
            .Cogroup<string>((_, product, all) => $"{all} bought {product};")
            .Cogroup(visits.GroupByKey(), (_, page, all) => $"{all} saw {page};")
            .Aggregate(() => "");
        #endregion

        history.ToStream().To("history");
        using var driver = new TopologyTestDriver(builder.Build());
        driver.CreateInputTopic<string, string>("visits").PipeInput("ann", "tea");
        driver.CreateInputTopic<string, string>("orders").PipeInput("ann", "tea");
        Assert.Equal(" saw tea; bought tea;", driver.CreateOutputTopic<string, string>("history").ReadValuesToList()[^1]);
    }

    [Fact]
    public void Duplicates_are_dropped_and_calls_take_their_time()
    {
        var builder = new StreamBuilder();
        var orders = builder.Stream<string, string>("orders");
        var credit = new Credit();

        #region drop duplicates
        KStream<string, string> once = orders.DropDuplicates((_, order) => order, within: TimeSpan.FromMinutes(10));
        #endregion

        #region async
        KStream<string, string> rated = once.MapValuesAsync(
            async (customer, order, cancellation) => $"{order}: {await credit.RateAsync(customer, cancellation)}",
            concurrency: 32,
            named: "credit-rating");
        #endregion

        rated.To("rated");
        using var driver = new TopologyTestDriver(builder.Build());
        var input = driver.CreateInputTopic<string, string>("orders");
        input.PipeInput("ann", "tea");
        input.PipeInput("ann", "tea");
        Assert.Equal(["tea: good"], driver.CreateOutputTopic<string, string>("rated").ReadValuesToList());
    }

    private sealed class Credit
    {
        public async Task<string> RateAsync(string customer, CancellationToken cancellation)
        {
            await Task.Yield();
            cancellation.ThrowIfCancellationRequested();
            return customer == "ann" ? "good" : "unknown";
        }
    }
}
