using Streams.TestKit;

namespace Streams.Tests.Tables;

/// <summary>Rows joined with what their values refer to (KIP-213). Here a row <c>r:text</c> refers to <c>r</c>.</summary>
public sealed class ForeignKeyJoinTests
{
    [Fact]
    public void A_change_on_the_right_reaches_every_row_that_refers_to_it()
    {
        using var scene = TableScene.Of(Inner);

        Assert.Empty(scene.Pipe("left", "k1", "r:a", 1));
        Assert.Empty(scene.Pipe("left", "k2", "r:b", 2));
        Assert.Empty(scene.Pipe("left", "k3", "s:c", 3));
        Assert.Equal(["k1 r:a+R@4", "k2 r:b+R@4"], scene.Pipe("right", "r", "R", 4));
        Assert.Equal(["k1 -@5", "k2 -@5"], scene.Pipe("right", "r", null, 5));
    }

    [Fact]
    public void A_row_that_refers_elsewhere_follows_its_new_partner_alone()
    {
        using var scene = TableScene.Of(Inner);
        scene.Pipe("right", "r", "R", 1);
        scene.Pipe("right", "s", "S", 2);

        Assert.Equal(["k r:a+R@3"], scene.Pipe("left", "k", "r:a", 3));
        Assert.Equal(["k s:a+S@4"], scene.Pipe("left", "k", "s:a", 4));
        Assert.Empty(scene.Pipe("right", "r", "R2", 5));
        Assert.Equal(["k s:a+S2@6"], scene.Pipe("right", "s", "S2", 6));
    }

    [Fact]
    public void A_row_that_refers_to_nothing_known_any_more_has_no_result()
    {
        using var scene = TableScene.Of(Inner);
        scene.Pipe("right", "r", "R", 1);

        Assert.Equal(["k r:a+R@2"], scene.Pipe("left", "k", "r:a", 2));
        Assert.Equal(["k -@3"], scene.Pipe("left", "k", "unknown:a", 3));
        Assert.Equal(["k r:a+R@4"], scene.Pipe("left", "k", "r:a", 4));
        Assert.Equal(["k -@5"], scene.Pipe("left", "k", "no reference", 5));
    }

    [Fact]
    public void A_result_has_the_later_of_both_times_when_the_row_asks_and_the_rights_time_when_it_is_told()
    {
        using var scene = TableScene.Of(Inner);
        scene.Pipe("right", "r", "R", 100);

        Assert.Equal(["k r:a+R@100"], scene.Pipe("left", "k", "r:a", 50));
        Assert.Equal(["k r:a+R2@10"], scene.Pipe("right", "r", "R2", 10));
    }

    [Fact]
    public void A_left_join_has_every_row_referring_or_not()
    {
        using var scene = TableScene.Of(b => b.Table<string, string>("left").LeftJoin(b.Table<string, string>("right"), Reference, Pair));

        Assert.Equal(["k r:a+-@1"], scene.Pipe("left", "k", "r:a", 1));
        Assert.Equal(["k r:a+R@2"], scene.Pipe("right", "r", "R", 2));
        Assert.Equal(["k plain+-@3"], scene.Pipe("left", "k", "plain", 3));
        Assert.Equal(["k -@4"], scene.Pipe("left", "k", null, 4));
    }

    [Fact]
    public void The_foreign_key_may_be_made_of_key_and_value()
    {
        using var scene = TableScene.Of(b => b.Table<string, string>("left")
            .Join(b.Table<string, string>("right"), (key, value) => $"{key}/{value}", Pair));
        scene.Pipe("right", "k/v", "R", 1);

        Assert.Equal(["k v+R@2"], scene.Pipe("left", "k", "v", 2));
    }

    [Fact]
    public void Tables_without_stores_are_worked_out_when_the_join_reads_them()
    {
        using var scene = TableScene.Of(b => b.Table<string, string>("left").Filter((_, v) => !v.EndsWith('x'))
            .Join(
                b.Table<string, string>("right").MapValues(v => v.ToUpperInvariant(), Materialized.With(Serdes.String, Serdes.String)),
                Reference,
                Pair));

        Assert.Empty(scene.Pipe("right", "r", "r", 1));
        Assert.Equal(["k r:a+R@2"], scene.Pipe("left", "k", "r:a", 2));
        Assert.Equal(["k -@3"], scene.Pipe("left", "k", "r:ax", 3));
        Assert.Equal(["k r:b+R@4"], scene.Pipe("left", "k", "r:b", 4));
        Assert.Equal(["k r:b+Q@5"], scene.Pipe("right", "r", "q", 5));
    }

    [Fact]
    public void Keys_that_are_byte_arrays_are_found_by_their_bytes()
    {
        var builder = new StreamBuilder();
        builder.Table<byte[], string>("left")
            .Join(builder.Table<byte[], string>("right"), v => new[] { (byte)v[0] }, Pair)
            .ToStream()
            .To("out");
        using var driver = new TopologyTestDriver(builder.Build(), new() { ApplicationId = "test" });
        var (left, right) = (driver.CreateInputTopic<byte[], string>("left"), driver.CreateInputTopic<byte[], string>("right"));
        var output = driver.CreateOutputTopic<byte[], string>("out");

        left.PipeInput([1], "a", 1);
        left.PipeInput([1], "b", 2);
        right.PipeInput([(byte)'a'], "A", 3);
        right.PipeInput([(byte)'b'], "B", 4);

        // The row left 'a', and was told that 'b' is unknown yet.
        Assert.Equal([null!, "b+B"], output.ReadValuesToList());
    }

    [Fact]
    public void The_result_is_kept_where_its_store_is_named()
    {
        using var scene = TableScene.Of(b => b.Table<string, string>("left")
            .Join(b.Table<string, string>("right"), Reference, Pair, TableJoined.As<string, string>("refer"), Materialized.As<string, string>("joined")));
        scene.Pipe("right", "r", "R", 1);

        scene.Pipe("left", "k", "r:a", 2);

        Assert.Equal(new("r:a+R", 2), scene.Driver.GetTimestampedKeyValueStore<string, string>("joined").Get("k"));
        Assert.Contains("test-refer-subscription-registration-topic", scene.Driver.ProducedTopicNames);
        Assert.Contains("test-refer-subscription-response-topic", scene.Driver.ProducedTopicNames);
    }

    private static KTable<string, string> Inner(StreamBuilder builder) =>
        builder.Table<string, string>("left").Join(builder.Table<string, string>("right"), Reference, Pair);

    private static string? Reference(string value) => value.IndexOf(':') is var colon and >= 0 ? value[..colon] : null;

    private static string Pair(string? left, string? right) => $"{left ?? "-"}+{right ?? "-"}";
}
