using Kafka;
using Microsoft.Extensions.Logging.Abstractions;
using Streams.Processing;
using Streams.Runtime;

namespace Streams.Tests.Runtime;

/// <summary>How far a store is behind while it is filled, as descriptions tell it.</summary>
public sealed class StoreLagTests
{
    [Theory]
    [InlineData("counts", "app-counts-changelog")]
    [InlineData("table", "table-in")]
    public void A_tasks_store_is_behind_by_what_it_lacks_of_its_changelog_or_of_the_topic_that_stands_for_one(string store, string topic)
    {
        var builder = new StreamBuilder();
        var table = builder.Table("table-in", null, Materialized.As<string, string>("table"));
        builder.Stream<string, string>("in").Join(table, (left, right) => left + right)
            .GroupByKey().Count(Materialized.As<string, long>("counts"));
        var topology = new CompiledTopology(builder.Build(TopologyOptimization.All), "app");
        var id = new TaskId(0, 3);
        var task = new StreamTask(id, Assert.Single(topology.Subtopologies), topology.Topics, Context(id));

        task.ReportLag(new TopicPartition(topic, 3), 7);

        Assert.Equal(7, task.Lag(store));
        Assert.Equal(0, task.Lag(store == "counts" ? "table" : "counts"));
    }

    [Fact]
    public void A_global_store_is_behind_by_what_it_lacks_of_its_topic()
    {
        var builder = new StreamBuilder();
        builder.GlobalTable("people-in", null, Materialized.As<string, string>("people"));
        builder.GlobalTable("places-in", null, Materialized.As<string, string>("places"));
        var topology = new CompiledTopology(builder.Build(), "app");
        var task = new GlobalTask(topology.Global!, topology.Topics, Context(GlobalTask.Id));

        task.ReportLag("places-in", 7);

        Assert.Equal((0, 7), (task.Lag("people"), task.Lag("places")));
    }

    private static TaskContext Context(TaskId id) => new(
        id, "app", null!, new RecordErrors(new StreamConfig { ApplicationId = "app" }, static _ => { }, NullLogger.Instance), TimeProvider.System);
}
