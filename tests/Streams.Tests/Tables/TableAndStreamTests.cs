using Streams.TestKit;

namespace Streams.Tests.Tables;

/// <summary>Tables made of streams and of topics, and streams made of tables.</summary>
public sealed class TableAndStreamTests
{
    [Fact]
    public void A_stream_as_a_table_is_the_latest_value_of_each_key_and_a_record_without_value_deletes_its()
    {
        using var scene = TableScene.Of(b => b.Stream<string, string>("in").ToTable(Materialized.As<string, string>("latest")));
        var store = scene.Driver.GetTimestampedKeyValueStore<string, string>("latest");

        Assert.Equal(["k a@1"], scene.Pipe("in", "k", "a", 1));
        Assert.Equal(["k b@2"], scene.Pipe("in", "k", "b", 2));
        Assert.Equal(new("b", 2), store.Get("k"));

        Assert.Equal(["k -@3"], scene.Pipe("in", "k", null, 3));
        Assert.Equal(0, store.Count);
    }

    [Fact]
    public void A_table_with_a_store_takes_a_change_that_is_out_of_order()
    {
        using var scene = TableScene.Of(b => b.Stream<string, string>("in").ToTable(Materialized.As<string, string>("latest")));
        scene.Pipe("in", "k", "new", 10);

        Assert.Equal(["k old@5"], scene.Pipe("in", "k", "old", 5));
        Assert.Equal(new("old", 5), scene.Driver.GetTimestampedKeyValueStore<string, string>("latest").Get("k"));
    }

    [Fact]
    public void A_table_has_no_row_without_a_key()
    {
        using var scene = TableScene.Of(b => b.Stream<string, string>("in").ToTable(Materialized.As<string, string>("latest")));

        Assert.Empty(scene.Pipe("in", null!, "a", 1));
        Assert.Equal(1, scene.Driver.DroppedRecords);
    }

    [Fact]
    public void A_stream_that_changed_its_keys_goes_through_a_repartition_topic_to_become_a_table()
    {
        using var scene = TableScene.Of(b => b.Stream<string, string>("in").SelectKey((_, value) => value[..1]).ToTable(Materialized.As<string, string>("latest")));

        Assert.Equal(["a apple@1"], scene.Pipe("in", "k", "apple", 1));
        Assert.Contains("test-KSTREAM-TOTABLE-0000000002-repartition", scene.Driver.ProducedTopicNames);
    }

    [Fact]
    public void The_cache_keeps_a_deletion_of_what_was_not_there_to_itself()
    {
        var builder = new StreamBuilder();
        builder.Table<string, string>("in", materialized: Materialized.As<string, string>("rows")).ToStream().To("out");
        using var cached = new TopologyTestDriver(builder.Build());
        cached.CreateInputTopic<string, string>("in").PipeInput("k", null!, 1);
        Assert.True(cached.CreateOutputTopic<string, string>("out").IsEmpty);

        using var uncached = TableScene.Of(b => b.Table<string, string>("in", materialized: Materialized.As<string, string>("rows")));
        Assert.Equal(["k -@1"], uncached.Pipe("in", "k", null, 1));
    }

    [Fact]
    public void A_stream_of_a_table_has_each_change_and_may_give_it_another_key()
    {
        var builder = new StreamBuilder();
        builder.Table<string, string>("in", materialized: Materialized.As<string, string>("rows"))
            .ToStream((key, value) => $"{key}/{value ?? "gone"}")
            .To("out");
        using var driver = new TopologyTestDriver(builder.Build(), new() { ApplicationId = "test", CacheBytesMax = 0 });
        var input = driver.CreateInputTopic<string, string>("in");

        input.PipeInput("k", "a", 1);
        input.PipeInput("k", null!, 2);

        Assert.Equal(
            ["k/a=a@1", "k/gone=@2"],
            driver.CreateOutputTopic<string, string>("out").ReadRecordsToList().Select(r => $"{r.Key}={r.Value}@{r.Timestamp}"));
    }
}
