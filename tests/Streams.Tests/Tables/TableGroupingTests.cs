namespace Streams.Tests.Tables;

/// <summary>A table's rows in groups: what leaves a group is subtracted, what joins it is added.</summary>
public sealed class TableGroupingTests
{
    [Fact]
    public void A_row_that_moves_is_taken_from_its_old_group_before_it_is_put_into_the_new_one()
    {
        using var scene = TableScene.OfCounts(b => Groups(b).Count());

        Assert.Equal(["red 1@1"], scene.Pipe("in", "k", "red", 1));
        Assert.Equal(["red 0@2", "blue 1@2"], scene.Pipe("in", "k", "blue", 2));
        Assert.Equal(["blue 0@3"], scene.Pipe("in", "k", null, 3));
    }

    [Fact]
    public void A_row_that_changes_within_its_group_is_one_change_of_the_group()
    {
        using var scene = TableScene.Of(b => b.Table<string, string>("in")
            .GroupBy((_, v) => KeyValue.Pair(v[..1], v))
            .Aggregate(() => "", (_, v, sum) => $"{sum}+{v}", (_, v, sum) => $"{sum}-{v}"));

        Assert.Equal(["a +a1@1"], scene.Pipe("in", "k", "a1", 1));
        Assert.Equal(["a +a1-a1+a2@2"], scene.Pipe("in", "k", "a2", 2));
    }

    [Fact]
    public void A_groups_time_never_goes_back()
    {
        using var scene = TableScene.OfCounts(b => Groups(b).Count());

        Assert.Equal(["red 1@100"], scene.Pipe("in", "k", "red", 100));
        Assert.Equal(["red 2@100"], scene.Pipe("in", "j", "red", 50));
    }

    [Fact]
    public void A_groups_first_row_is_its_reduction_and_null_deletes_the_group()
    {
        using var scene = TableScene.Of(b => Groups(b).Reduce((sum, v) => sum + v, (_, _) => null!));

        Assert.Equal(["red red@1"], scene.Pipe("in", "k", "red", 1));
        Assert.Equal(["red redred@2"], scene.Pipe("in", "j", "red", 2));
        Assert.Equal(["red -@3"], scene.Pipe("in", "j", null, 3));
    }

    [Fact]
    public void A_row_without_a_group_or_without_a_value_in_it_belongs_nowhere()
    {
        using var scene = TableScene.OfCounts(b => b.Table<string, string>("in")
            .GroupBy((_, v) => KeyValue.Pair(v == "none" ? null! : v, v == "empty" ? null! : v), Grouped.With(Serdes.String, Serdes.String))
            .Count());

        Assert.Empty(scene.Pipe("in", "k", "none", 1));
        Assert.Empty(scene.Pipe("in", "k", "empty", 2));
        Assert.Equal(["red 1@3"], scene.Pipe("in", "k", "red", 3));
        Assert.Equal(["red 0@4"], scene.Pipe("in", "k", "none", 4));
    }

    [Fact]
    public void Two_aggregations_share_a_repartition_topic_that_has_a_name()
    {
        using var scene = TableScene.OfCounts(b =>
        {
            var groups = b.Table<string, string>("in").GroupBy((_, v) => KeyValue.Pair(v, v), Grouped.As<string, string>("by-value"));
            groups.Reduce((sum, v) => sum + v, (sum, _) => sum, Materialized.As<string, string>("reduced"));
            return groups.Count(Materialized.As<string, long>("counted"));
        });

        scene.Pipe("in", "k", "red", 1);

        Assert.Equal(
            ["test-by-value-repartition", "test-counted-changelog", "test-in-STATE-STORE-0000000000-changelog", "test-reduced-changelog"],
            scene.Driver.ProducedTopicNames.Where(t => t.StartsWith("test-", StringComparison.Ordinal)).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Counts_of_counts_follow_every_change()
    {
        using var scene = TableScene.OfCounts(b => b.Stream<string, string>("in").GroupByKey().Count()
            .Filter((_, count) => count > 1)
            .GroupBy((key, count) => KeyValue.Pair($"{count} times", key))
            .Count());

        Assert.Empty(scene.Pipe("in", "k", "x", 1));
        Assert.Equal(["2 times 1@2"], scene.Pipe("in", "k", "x", 2));
        Assert.Empty(scene.Pipe("in", "j", "x", 3));
        Assert.Equal(["2 times 0@4", "3 times 1@4"], scene.Pipe("in", "k", "x", 4));
        Assert.Equal(["2 times 1@4"], scene.Pipe("in", "j", "x", 2));
    }

    private static KGroupedTable<string, string> Groups(StreamBuilder builder) =>
        builder.Table<string, string>("in").GroupBy((_, v) => KeyValue.Pair(v, v));
}
