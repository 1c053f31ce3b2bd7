using Streams.TestKit;

namespace Streams.Tests.Dsl;

/// <summary>An optimised topology needs fewer topics and stores, and computes the same.</summary>
public sealed class OptimizerTests
{
    private static readonly string[] Words = ["tea", "rye", "tea", "jam", "rye", "tea"];

    [Fact]
    public void Aggregations_of_one_new_key_share_a_repartition_topic()
    {
        static void Declare(StreamBuilder b)
        {
            var keyed = b.Stream<string, string>("in").SelectKey((_, v) => v);
            keyed.GroupByKey().Count(Materialized.As<string, long>("a")).ToStream().To("out-a");
            keyed.Filter((_, v) => v != "jam").GroupByKey().Count(Materialized.As<string, long>("b")).ToStream().To("out-b");
        }

        var (plain, optimised) = (Run(Declare, TopologyOptimization.None), Run(Declare, TopologyOptimization.MergeRepartitionTopics));

        Assert.Equal(["test-a-repartition", "test-b-repartition"], Repartitions(plain));
        Assert.Equal(["test-a-repartition"], Repartitions(optimised));
        Assert.Equal(Counts(plain, "out-a"), Counts(optimised, "out-a"));
        Assert.Equal(Counts(plain, "out-b"), Counts(optimised, "out-b"));
    }

    [Fact]
    public void A_topic_does_not_move_before_a_step_that_makes_another_value()
    {
        static void Declare(StreamBuilder b)
        {
            var keyed = b.Stream<string, string>("in").SelectKey((_, v) => v);
            keyed.MapValues(v => v.Length).GroupByKey().Reduce((x, y) => x + y, Materialized.As<string, int>("lengths")).ToStream().MapValues(v => (long)v).To("out-a");
            keyed.GroupByKey().Count(Materialized.As<string, long>("counts")).ToStream().To("out-b");
        }

        var optimised = Run(Declare, TopologyOptimization.All);

        Assert.Equal(["test-counts-repartition", "test-lengths-repartition"], Repartitions(optimised));
        Assert.Equal([3, 3, 6, 3, 6, 9], Counts(optimised, "out-a").Select(c => c.Value));
    }

    [Fact]
    public void Another_stream_that_is_merged_in_is_not_left_out_of_the_topic()
    {
        // Kafka Streams cannot optimise this: it fails, or leaves the other stream's records in the partitions where they are.
        static void Declare(StreamBuilder b)
        {
            var keyed = b.Stream<string, string>("in").SelectKey((_, v) => v);
            keyed.GroupByKey().Count(Materialized.As<string, long>("own")).ToStream().To("out-a");
            keyed.Merge(b.Stream<string, string>("other")).GroupByKey().Count(Materialized.As<string, long>("all")).ToStream().To("out-b");
        }

        var (plain, optimised) = (Run(Declare, TopologyOptimization.None), Run(Declare, TopologyOptimization.All));

        Assert.Equal(["test-all-repartition", "test-own-repartition"], Repartitions(optimised));
        Assert.Equal(Counts(plain, "out-b"), Counts(optimised, "out-b"));
    }

    [Theory]
    [InlineData("inner")]
    [InlineData("left")]
    [InlineData("outer")]
    public void A_stream_joined_with_itself_keeps_one_store_and_gives_the_same_results_in_the_same_order(string kind)
    {
        void Declare(StreamBuilder b)
        {
            var stream = b.Stream<string, string>("in");
            var windows = JoinWindows.OfTimeDifferenceAndGrace(TimeSpan.FromMilliseconds(3), TimeSpan.FromMilliseconds(1));
            (kind switch
            {
                "inner" => stream.Join(stream, (x, y) => $"{x}+{y}", windows),
                "left" => stream.LeftJoin(stream, (x, y) => $"{x}+{y}", windows),
                _ => stream.OuterJoin(stream, (x, y) => $"{x}+{y}", windows),
            }).To("out");
        }

        using var plain = Run(Declare, TopologyOptimization.None);
        using var optimised = Run(Declare, TopologyOptimization.SingleStoreSelfJoin);

        var results = optimised.CreateOutputTopic<string, string>("out").ReadRecordsToList().Select(r => (r.Key, r.Value, r.Timestamp)).ToList();
        Assert.NotEmpty(results);
        Assert.Equal(plain.CreateOutputTopic<string, string>("out").ReadRecordsToList().Select(r => (r.Key, r.Value, r.Timestamp)), results);
        Assert.Single(optimised.GetAllStateStores());
        Assert.True(plain.GetAllStateStores().Count > 1);
    }

    [Fact]
    public void A_table_that_is_read_from_a_topic_needs_no_changelog()
    {
        using var driver = Run(b => b.Table("in", null, Materialized.As<string, string>("store")).ToStream().To("out"), TopologyOptimization.ReuseTableSourceTopics);

        Assert.Equal(["out"], driver.ProducedTopicNames);
    }

    [Fact]
    public void What_was_not_asked_for_stays_as_declared()
    {
        static void Declare(StreamBuilder b)
        {
            var keyed = b.Stream<string, string>("in").SelectKey((_, v) => v);
            keyed.GroupByKey().Count(Materialized.As<string, long>("a"));
            keyed.GroupByKey().Count(Materialized.As<string, long>("b"));
        }

        Assert.Equal(2, Repartitions(Run(Declare, TopologyOptimization.SingleStoreSelfJoin | TopologyOptimization.ReuseTableSourceTopics)).Count());
    }

    private static TopologyTestDriver Run(Action<StreamBuilder> declare, TopologyOptimization optimization)
    {
        var builder = new StreamBuilder();
        declare(builder);
        var driver = new TopologyTestDriver(builder.Build(optimization));
        var input = driver.CreateInputTopic<string, string>("in");
        foreach (var (time, word) in Words.Index())
            input.PipeInput($"k{time % 2}", word, time);
        return driver;
    }

    private static IEnumerable<string> Repartitions(TopologyTestDriver driver) =>
        driver.ProducedTopicNames.Where(t => t.EndsWith("-repartition", StringComparison.Ordinal)).Order(StringComparer.Ordinal);

    private static IEnumerable<KeyValue<string, long>> Counts(TopologyTestDriver driver, string topic) =>
        driver.CreateOutputTopic<string, long>(topic).ReadKeyValuesToList();
}
