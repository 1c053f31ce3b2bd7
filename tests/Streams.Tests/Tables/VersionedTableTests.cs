namespace Streams.Tests.Tables;

/// <summary>Versioned tables (KIP-914): history is kept, but only the latest value counts for what is made of the table.</summary>
public sealed class VersionedTableTests
{
    [Fact]
    public void An_out_of_order_change_does_not_reach_an_aggregation()
    {
        using var scene = TableScene.OfCounts(b => Versioned(b, "in").GroupBy((_, v) => KeyValue.Pair(v, v)).Count());

        Assert.Equal(["red 1@100"], scene.Pipe("in", "k", "red", 100));
        Assert.Empty(scene.Pipe("in", "k", "blue", 50));
        Assert.Equal(["red 0@200", "green 1@200"], scene.Pipe("in", "k", "green", 200));
    }

    [Fact]
    public void An_out_of_order_change_does_not_reach_a_join()
    {
        using var scene = TableScene.Of(b => Versioned(b, "left").Join(Versioned(b, "right"), (left, right) => $"{left}+{right}"));

        scene.Pipe("left", "k", "l2", 100);
        Assert.Equal(["k l2+r@100"], scene.Pipe("right", "k", "r", 60));
        Assert.Empty(scene.Pipe("left", "k", "l1", 50));
        Assert.Equal(["k l2+r3@300"], scene.Pipe("right", "k", "r3", 300));
    }

    [Fact]
    public void Nor_through_a_table_made_of_it_without_a_store()
    {
        using var scene = TableScene.OfCounts(b => Versioned(b, "in").MapValues(v => v + "!").GroupBy((_, v) => KeyValue.Pair(v, v)).Count());

        Assert.Equal(["red! 1@100"], scene.Pipe("in", "k", "red", 100));
        Assert.Empty(scene.Pipe("in", "k", "blue", 50));
    }

    [Fact]
    public void A_store_that_is_not_versioned_in_between_makes_every_change_the_latest()
    {
        using var scene = TableScene.OfCounts(b => Versioned(b, "in").MapValues(v => v + "!", Materialized.As<string, string>("mapped"))
            .GroupBy((_, v) => KeyValue.Pair(v, v))
            .Count());

        Assert.Equal(["red! 1@100"], scene.Pipe("in", "k", "red", 100));
        Assert.Equal(["red! 0@100", "blue! 1@50"], scene.Pipe("in", "k", "blue", 50));
    }

    [Fact]
    public void A_stream_of_the_table_has_every_change()
    {
        using var scene = TableScene.Of(b => Versioned(b, "in"));

        Assert.Equal(["k new@100"], scene.Pipe("in", "k", "new", 100));
        Assert.Equal(["k old@50"], scene.Pipe("in", "k", "old", 50));
        Assert.Equal("old", scene.Driver.GetVersionedKeyValueStore<string, string>("in-store").Get("k", 70)!.Value.Value);
    }

    private static KTable<string, string> Versioned(StreamBuilder builder, string topic) =>
        builder.Table(topic, materialized: Materialized.AsVersioned<string, string>($"{topic}-store", TimeSpan.FromMinutes(1)));
}
