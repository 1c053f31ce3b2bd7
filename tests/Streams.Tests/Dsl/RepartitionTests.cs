using Streams.Runtime;
using Streams.TestKit;

namespace Streams.Tests.Dsl;

/// <summary>A stream sent through a topic of the engine's own because its author said so.</summary>
public sealed class RepartitionTests
{
    [Fact]
    public void A_stream_goes_through_a_topic_of_the_name_that_was_given_and_comes_out_as_it_went_in()
    {
        var builder = new StreamBuilder();
        builder.Stream<string, string>("in").Repartition(Repartitioned.As<string, string>("spread")).To("out");
        using var driver = new TopologyTestDriver(builder.Build());
        var input = driver.CreateInputTopic<string, string>("in");

        input.PipeInput("b", "1", 20);
        input.PipeInput("a", "2", 10);

        Assert.Equal(["b=1@20", "a=2@10"], Read(driver, "out"));
        Assert.Equal(["b=1@20", "a=2@10"], Read(driver, "test-spread-repartition"));
    }

    [Fact]
    public void Without_a_name_the_topic_is_called_after_its_node()
    {
        var builder = new StreamBuilder();
        builder.Stream<string, string>("in").Repartition().To("out");
        using var driver = new TopologyTestDriver(builder.Build());

        driver.CreateInputTopic<string, string>("in").PipeInput("k", "v", 1);

        Assert.Contains("test-KSTREAM-REPARTITION-0000000001-repartition", driver.ProducedTopicNames);
    }

    [Fact]
    public void Grouping_behind_it_needs_no_other_topic()
    {
        var builder = new StreamBuilder();
        builder.Stream<string, string>("in")
            .SelectKey((_, value) => value)
            .Repartition(Repartitioned.As<string, string>("by-value"))
            .GroupByKey()
            .Count(Materialized.As<string, long>("counts"));
        using var driver = new TopologyTestDriver(builder.Build());

        driver.CreateInputTopic<string, string>("in").PipeInput("k", "v", 1);

        Assert.Equal(["test-by-value-repartition", "test-counts-changelog"], driver.ProducedTopicNames.Order());
    }

    [Fact]
    public void A_record_without_a_key_stays_behind()
    {
        var builder = new StreamBuilder();
        builder.Stream<string, string>("in").Repartition().To("out");
        using var driver = new TopologyTestDriver(builder.Build());

        driver.CreateInputTopic<string, string>("in").PipeInput(null!, "v", 1);
        driver.CreateInputTopic<string, string>("in").PipeInput("k", null!, 2);

        Assert.Equal(["k=@2"], Read(driver, "out"));
    }

    [Fact]
    public void The_topic_has_as_many_partitions_as_were_asked_for_or_as_what_is_written_into_it_comes_from()
    {
        var builder = new StreamBuilder();
        var stream = builder.Stream<string, string>("in");
        stream.Repartition(Repartitioned.As<string, string>("asked").WithNumberOfPartitions(7)).To("out");
        stream.Repartition(Repartitioned.As<string, string>("left")).To("out");

        var plan = TopicManager.Plan(new(builder.Build(), "app"), new Dictionary<string, int> { ["in"] = 3 });

        Assert.Equal(7, plan.Partitions["app-asked-repartition"]);
        Assert.Equal(3, plan.Partitions["app-left-repartition"]);
    }

    [Fact]
    public void A_partitioner_is_told_the_topic_and_the_record()
    {
        var told = new List<string>();
        var builder = new StreamBuilder();
        builder.Stream<string, string>("in")
            .Repartition(Repartitioned.As<string, string>("spread").WithStreamPartitioner((string topic, in Record<string, string> record, int partitions) =>
            {
                told.Add($"{topic} {record.Key}={record.Value} of {partitions}");
                return 0;
            }))
            .To("out");
        using var driver = new TopologyTestDriver(builder.Build());

        driver.CreateInputTopic<string, string>("in").PipeInput("k", "v", 1);

        Assert.Equal(["test-spread-repartition k=v of 1"], told);
    }

    private static string[] Read(TopologyTestDriver driver, string topic) =>
        [.. driver.CreateOutputTopic<string, string>(topic).ReadRecordsToList().Select(r => $"{r.Key}={r.Value}@{r.Timestamp}")];
}
