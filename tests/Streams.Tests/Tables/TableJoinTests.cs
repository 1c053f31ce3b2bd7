namespace Streams.Tests.Tables;

/// <summary>Tables of the same key, joined: the result follows either side.</summary>
public sealed class TableJoinTests
{
    [Fact]
    public void An_inner_join_has_the_keys_of_both_and_the_later_of_both_times()
    {
        using var scene = TableScene.Of(b => Left(b).Join(Right(b), Pair));

        Assert.Empty(scene.Pipe("left", "k", "l1", 100));
        Assert.Equal(["k l1+r1@100"], scene.Pipe("right", "k", "r1", 50));
        Assert.Equal(["k l2+r1@60"], scene.Pipe("left", "k", "l2", 60));
        Assert.Equal(["k -@70"], scene.Pipe("right", "k", null, 70));
        Assert.Empty(scene.Pipe("left", "k", null, 80));
    }

    [Fact]
    public void A_left_join_has_the_keys_of_its_left_side()
    {
        using var scene = TableScene.Of(b => Left(b).LeftJoin(Right(b), Pair));

        Assert.Empty(scene.Pipe("right", "k", "r1", 1));
        Assert.Equal(["k l1+r1@2"], scene.Pipe("left", "k", "l1", 2));
        Assert.Equal(["k l1+-@3"], scene.Pipe("right", "k", null, 3));
        Assert.Equal(["k -@4"], scene.Pipe("left", "k", null, 4));
        Assert.Empty(scene.Pipe("left", "k", null, 5));
    }

    [Fact]
    public void An_outer_join_has_the_keys_of_either_side()
    {
        using var scene = TableScene.Of(b => Left(b).OuterJoin(Right(b), Pair));

        Assert.Equal(["k -+r1@1"], scene.Pipe("right", "k", "r1", 1));
        Assert.Equal(["k l1+r1@2"], scene.Pipe("left", "k", "l1", 2));
        Assert.Equal(["k l1+-@3"], scene.Pipe("right", "k", null, 3));
        Assert.Equal(["k -@4"], scene.Pipe("left", "k", null, 4));
        Assert.Empty(scene.Pipe("right", "k", null, 5));
    }

    [Fact]
    public void A_joined_table_without_a_store_is_worked_out_when_another_join_reads_it()
    {
        using var scene = TableScene.Of(b => b.Table<string, string>("a").Filter((_, v) => v != "x").MapValues(v => v.ToUpperInvariant())
            .LeftJoin(b.Table<string, string>("b").MapValues(v => v + "!"), Pair)
            .OuterJoin(b.Table<string, string>("c").FilterNot((_, v) => v == "x"), Pair, Materialized.With(Serdes.String, Serdes.String)));

        Assert.Equal(["k A1+-+-@10"], scene.Pipe("a", "k", "a1", 10));
        Assert.Equal(["k A1+b1!+-@20"], scene.Pipe("b", "k", "b1", 20));
        Assert.Equal(["k A1+b1!+c1@20"], scene.Pipe("c", "k", "c1", 5));
        Assert.Equal(["k -+c1@30"], scene.Pipe("a", "k", "x", 30));
        Assert.Empty(scene.Pipe("b", "k", "b2", 31));
        Assert.Equal(["k -@32"], scene.Pipe("c", "k", "x", 32));
        Assert.Empty(scene.Pipe("b", "k", null, 33));
        Assert.Equal(["k -+c2@34"], scene.Pipe("c", "k", "c2", 34));
        Assert.Equal(["k A2+-+c2@34"], scene.Pipe("a", "k", "a2", 1));
    }

    [Fact]
    public void A_table_joined_with_itself_tells_each_change_twice()
    {
        using var scene = TableScene.Of(b =>
        {
            var table = b.Table<string, string>("a");
            return table.Join(table.MapValues(v => v + "!"), Pair);
        });

        Assert.Equal(["k a1+a1!@10", "k a1+a1!@10"], scene.Pipe("a", "k", "a1", 10));
        Assert.Equal(["k a2+a2!@5", "k a2+a2!@5"], scene.Pipe("a", "k", "a2", 5));
        Assert.Empty(scene.Pipe("a", "k", null, 6));
    }

    [Fact]
    public void What_follows_a_join_gets_old_values_joined_of_old_values()
    {
        using var scene = TableScene.Of(b => b.Table<string, string>("a").MapValues(v => v == "x" ? null! : v).Join(b.Table<string, string>("b"), Pair)
            .GroupBy((_, v) => KeyValue.Pair(v[..1], v), Grouped.With(Serdes.String, Serdes.String))
            .Aggregate(() => "", (_, v, sum) => $"{sum}+{v}", (_, v, sum) => $"{sum}-{v}"));

        Assert.Empty(scene.Pipe("a", "k", "a1", 1));
        Assert.Equal(["a +a1+b1@2"], scene.Pipe("b", "k", "b1", 2));
        Assert.Equal(["a +a1+b1-a1+b1@3"], scene.Pipe("a", "k", "x", 3));
        Assert.Equal(["c +c1+b1@4"], scene.Pipe("a", "k", "c1", 4));
        Assert.Equal(["c +c1+b1-c1+b1@5"], scene.Pipe("b", "k", null, 5));
        Assert.Equal(["c +c1+b1-c1+b1+c1+b2@6"], scene.Pipe("b", "k", "b2", 6));
    }

    private static KTable<string, string> Left(StreamBuilder builder) => builder.Table<string, string>("left");

    private static KTable<string, string> Right(StreamBuilder builder) => builder.Table<string, string>("right");

    private static string Pair(string? left, string? right) => $"{left ?? "-"}+{right ?? "-"}";
}
