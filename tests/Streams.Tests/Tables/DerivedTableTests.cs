namespace Streams.Tests.Tables;

/// <summary>Filter and mapValues: with a store of their own, and worked out from their parent's.</summary>
public sealed class DerivedTableTests
{
    [Fact]
    public void A_value_that_the_filter_no_longer_lets_through_deletes_the_key()
    {
        using var scene = TableScene.Of(b => Named(b).Filter((_, v) => v != "bad"));

        Assert.Equal(["k good@1"], scene.Pipe("in", "k", "good", 1));
        Assert.Equal(["k -@2"], scene.Pipe("in", "k", "bad", 2));
    }

    [Fact]
    public void A_key_that_the_filter_never_let_through_is_not_deleted_either()
    {
        using var scene = TableScene.Of(b => Named(b).Filter((_, v) => v != "bad"));

        Assert.Empty(scene.Pipe("in", "k", "bad", 1));
        Assert.Empty(scene.Pipe("in", "k", null, 2));
    }

    [Fact]
    public void Behind_a_table_without_a_store_nobody_knows_and_the_deletion_is_sent()
    {
        using var scene = TableScene.Of(b => b.Table<string, string>("in").Filter((_, v) => v != "bad"));

        Assert.Equal(["k -@1"], scene.Pipe("in", "k", "bad", 1));
    }

    [Fact]
    public void FilterNot_keeps_the_others()
    {
        using var scene = TableScene.Of(b => Named(b).FilterNot((_, v) => v == "bad"));

        Assert.Equal(["k good@1"], scene.Pipe("in", "k", "good", 1));
        Assert.Equal(["k -@2"], scene.Pipe("in", "k", "bad", 2));
    }

    [Fact]
    public void A_filter_whose_store_is_named_can_be_queried()
    {
        using var scene = TableScene.Of(b =>
        {
            var filtered = Named(b).Filter((_, v) => v != "bad", Materialized.As<string, string>("good"));
            Assert.Equal("good", filtered.QueryableStoreName);
            return filtered;
        });

        scene.Pipe("in", "k", "good", 1);
        scene.Pipe("in", "j", "good", 2);
        scene.Pipe("in", "k", "bad", 3);

        Assert.Equal([KeyValue.Pair("j", new ValueAndTimestamp<string>("good", 2))], scene.Driver.GetTimestampedKeyValueStore<string, string>("good").All());
    }

    [Fact]
    public void A_mapper_that_returns_null_deletes_the_key_and_is_not_asked_about_deletions()
    {
        using var scene = TableScene.Of(b => Named(b).MapValues(v => v == "bad" ? null! : v.ToUpperInvariant()));

        Assert.Equal(["k GOOD@1"], scene.Pipe("in", "k", "good", 1));
        Assert.Equal(["k -@2"], scene.Pipe("in", "k", "bad", 2));
        Assert.Equal(["k -@3"], scene.Pipe("in", "k", null, 3));
    }

    [Fact]
    public void Stores_are_kept_where_one_is_named_and_nowhere_else()
    {
        using var scene = TableScene.Of(b =>
            b.Table<string, string>("in").MapValues(v => v + "!").Filter((_, _) => true, Materialized.As<string, string>("kept")).MapValues(v => v + "?"));

        scene.Pipe("in", "k", "v", 1);

        Assert.Equal(["test-kept-changelog"], scene.Driver.ProducedTopicNames.Where(t => t.StartsWith("test-", StringComparison.Ordinal)));
    }

    [Fact]
    public void A_grouping_makes_the_table_at_the_top_keep_old_values()
    {
        using var scene = TableScene.OfCounts(b => b.Table<string, string>("in").MapValues(v => v + "!").GroupBy((_, v) => KeyValue.Pair(v, v)).Count());

        Assert.Equal(["a! 1@1"], scene.Pipe("in", "k", "a", 1));
        Assert.Equal(["a! 0@2", "b! 1@2"], scene.Pipe("in", "k", "b", 2));
    }

    private static KTable<string, string> Named(StreamBuilder builder) =>
        builder.Table("in", materialized: Materialized.As<string, string>("in-store"));
}
