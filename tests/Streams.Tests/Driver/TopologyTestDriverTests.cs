using Streams.TestKit;

namespace Streams.Tests.Driver;

/// <summary>The driver as a user of Kafka Streams' driver knows it.</summary>
public sealed class TopologyTestDriverTests
{
    private static readonly DateTimeOffset Noon = new(2026, 1, 1, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void Records_without_a_time_get_the_topics_own_which_advances()
    {
        using var driver = new TopologyTestDriver(Copy());
        var input = driver.CreateInputTopic<string, string>("in", start: Noon, autoAdvance: TimeSpan.FromSeconds(1));

        input.PipeInput("k", "a");
        input.AdvanceTime(TimeSpan.FromMinutes(1));
        input.PipeInput(new TestRecord<string, string>("k", "b"));
        input.PipeInput(new TestRecord<string, string>("k", "c", Noon));

        Assert.Equal(
            [Noon, Noon.AddSeconds(61), Noon],
            Output(driver).ReadRecordsToList().Select(r => DateTimeOffset.FromUnixTimeMilliseconds(r.Timestamp)));
    }

    [Fact]
    public void Lists_of_pairs_and_of_values_can_be_piped_with_a_start_and_a_step()
    {
        using var driver = new TopologyTestDriver(Copy());
        var input = driver.CreateInputTopic<string, string>("in");

        input.PipeKeyValueList([KeyValue.Pair("k", "a"), KeyValue.Pair("k", "b")], Noon, TimeSpan.FromSeconds(5));
        input.PipeValueList(["c", "d"], Noon, TimeSpan.FromSeconds(7));

        var records = Output(driver).ReadRecordsToList();
        Assert.Equal(["a", "b", "c", "d"], records.Select(r => r.Value));
        Assert.Equal([0, 5000, 0, 7000], records.Select(r => r.Timestamp - Noon.ToUnixTimeMilliseconds()));
        Assert.Equal([true, true, false, false], records.Select(r => r.HasKey));
    }

    [Fact]
    public void Headers_travel_with_a_test_record()
    {
        using var driver = new TopologyTestDriver(Copy());

        driver.CreateInputTopic<string, string>("in")
            .PipeInput(new TestRecord<string, string>("k", "v", Noon, Headers.Empty.With("trace", [7])));

        Assert.Equal("trace", Assert.Single(Output(driver).ReadRecord().Headers).Key);
    }

    [Fact]
    public void Outputs_are_read_once_and_in_order()
    {
        using var driver = new TopologyTestDriver(Copy());
        driver.CreateInputTopic<string, string>("in").PipeKeyValueList([KeyValue.Pair("a", "1"), KeyValue.Pair("b", "2"), KeyValue.Pair("a", "3")]);
        var output = Output(driver);

        Assert.Equal(3, output.QueueSize);
        Assert.Equal("1", output.ReadValue());
        Assert.Equal(KeyValue.Pair("b", "2"), output.ReadKeyValue());
        Assert.Equal(new Dictionary<string, string> { ["a"] = "3" }, output.ReadKeyValuesToMap());
        Assert.True(output.IsEmpty);
        Assert.Throws<InvalidOperationException>(() => output.ReadRecord());
    }

    [Fact]
    public void Changelog_and_repartition_topics_can_be_read_like_any_other()
    {
        var builder = new StreamBuilder();
        builder.Stream<string, string>("in")
            .GroupBy((_, value) => value, Grouped.As<string, string>("by-value"))
            .Count(Materialized.As<string, long>("counts"))
            .ToStream()
            .To("out");
        using var driver = new TopologyTestDriver(builder.Build());

        driver.CreateInputTopic<string, string>("in").PipeInput("k", "v", 5);

        Assert.Equal("v", driver.CreateOutputTopic<string, string>("test-by-value-repartition").ReadRecord().Key);
        Assert.Equal("v", driver.CreateOutputTopic<string, byte[]>("test-counts-changelog").ReadRecord().Key);
        Assert.Equal(
            ["out", "test-by-value-repartition", "test-counts-changelog"], driver.ProducedTopicNames.Order(StringComparer.Ordinal));
        Assert.Equal(["counts"], driver.GetAllStateStores().Keys);
        Assert.Equal(1, driver.GetTimestampedKeyValueStore<string, long>("counts").Get("v").Value);
    }

    [Fact]
    public void The_record_cache_makes_one_change_of_what_one_record_does_to_a_key_and_holds_none_back_for_the_next_record()
    {
        using var driver = new TopologyTestDriver(Collected());
        var input = driver.CreateInputTopic<string, string>("in");
        var output = driver.CreateOutputTopic<string, string>("out");

        input.PipeInput("k", "a b c", 1);
        Assert.Equal(["abc"], output.ReadValuesToList());

        input.PipeInput("k", "d", 2);
        Assert.Equal(["abcd"], output.ReadValuesToList());
    }

    [Theory]
    [InlineData(0)]
    [InlineData(50)]
    public void Every_change_comes_out_that_the_record_cache_has_no_room_for(long cacheBytes) =>
        Assert.Equal(["a", "ab", "abc"], AllOf("a b c", cacheBytes, threads: 1));

    [Fact]
    public void The_drivers_one_task_has_the_whole_record_cache_however_many_threads_the_settings_ask_for() =>
        Assert.Equal(["abc"], AllOf("a b c", cacheBytes: 200, threads: 4));

    [Fact]
    public void After_an_error_the_topology_is_dead_but_its_stores_can_still_be_asked()
    {
        var builder = new StreamBuilder();
        builder.Table<string, string>("in", null, Materialized.As<string, string>("store"))
            .ToStream()
            .Foreach((_, value) => _ = value == "bad" ? throw new InvalidOperationException("told to fail") : value);
        using var driver = new TopologyTestDriver(builder.Build(), new() { ApplicationId = "test", CacheBytesMax = 0 });
        var input = driver.CreateInputTopic<string, string>("in");
        input.PipeInput("k", "fine", 1);
        Assert.Throws<ProcessingException>(() => input.PipeInput("l", "bad", 2));

        var error = Assert.Throws<StreamsException>(() => input.PipeInput("k", "fine", 3));

        Assert.Contains("told to fail", error.Message, StringComparison.Ordinal);
        Assert.Throws<StreamsException>(() => driver.AdvanceWallClockTime(TimeSpan.FromSeconds(1)));
        Assert.Equal("fine", driver.GetTimestampedKeyValueStore<string, string>("store").Get("k").Value);
    }

    [Fact]
    public void A_topic_that_nobody_reads_is_an_error_of_the_test_and_kills_nothing()
    {
        using var driver = new TopologyTestDriver(Copy());
        Assert.Throws<ArgumentException>(() => driver.CreateInputTopic<string, string>("nowhere").PipeInput("k", "v", 1));

        driver.CreateInputTopic<string, string>("in").PipeInput("k", "v", 1);

        Assert.Equal("v", Output(driver).ReadValue());
    }

    [Fact]
    public void Metrics_have_Kafka_Streams_names()
    {
        using var driver = new TopologyTestDriver(Copy(), new() { ApplicationId = "test", DefaultTimestampExtractor = TimestampExtractor.LogAndSkipOnInvalidTimestamp });
        var input = driver.CreateInputTopic<string, string>("in");

        input.PipeInput("k", "v", 1);
        input.PipeInput("k", "v", -1);

        Assert.Equal((1, 1), (driver.Metrics["process-total"], driver.Metrics["dropped-records-total"]));
    }

    private static Topology Collected()
    {
        var builder = new StreamBuilder();
        builder.Stream<string, string>("in")
            .FlatMapValues(v => v.Split(' '))
            .GroupByKey()
            .Aggregate(() => "", (_, value, all) => all + value)
            .ToStream()
            .To("out");
        return builder.Build();
    }

    private static List<string> AllOf(string record, long cacheBytes, int threads)
    {
        using var driver = new TopologyTestDriver(
            Collected(), new() { ApplicationId = "test", CacheBytesMax = cacheBytes, ThreadCount = threads });
        driver.CreateInputTopic<string, string>("in").PipeInput("k", record, 1);
        return [.. driver.CreateOutputTopic<string, string>("out").ReadValuesToList()];
    }

    private static Topology Copy()
    {
        var builder = new StreamBuilder();
        builder.Stream<string, string>("in").To("out");
        return builder.Build();
    }

    private static TestOutputTopic<string, string> Output(TopologyTestDriver driver) => driver.CreateOutputTopic<string, string>("out");
}
