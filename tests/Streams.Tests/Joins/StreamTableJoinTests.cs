using static Streams.Tests.Joins.JoinScene;
using static Streams.Tests.Windows.Ticks;

namespace Streams.Tests.Joins;

/// <summary>A stream's records, each with the value that a table has for its key.</summary>
public sealed class StreamTableJoinTests
{
    [Fact]
    public void A_record_meets_the_value_that_is_there_when_it_is_processed_whatever_the_times_say()
    {
        using var scene = OfStreamAndTable((stream, table) => stream.Join(table, Pair));
        scene.Right("k", "first", 500);

        Assert.Equal(["k a+first@100"], scene.Left("k", "a", 100));
        Assert.Empty(scene.Right("k", "second", 50));
        Assert.Equal(["k b+second@101"], scene.Left("k", "b", 101));
    }

    [Fact]
    public void Only_records_of_the_stream_give_results()
    {
        using var scene = OfStreamAndTable((stream, table) => stream.LeftJoin(table, Pair));

        Assert.Equal(["k a+-@1"], scene.Left("k", "a", 1));
        Assert.Empty(scene.Right("k", "v", 2));
    }

    [Fact]
    public void A_key_that_the_table_lacks_gives_nothing_in_an_inner_join_and_a_record_alone_in_a_left_join()
    {
        using var inner = OfStreamAndTable((stream, table) => stream.Join(table, Pair));
        using var left = OfStreamAndTable((stream, table) => stream.LeftJoin(table, Pair));

        Assert.Empty(inner.Left("k", "a", 1));
        Assert.Equal(["k a+-@1"], left.Left("k", "a", 1));
        Assert.Equal(0, inner.Driver.DroppedRecords);
    }

    [Fact]
    public void A_tombstone_takes_the_value_away()
    {
        using var scene = OfStreamAndTable((stream, table) => stream.LeftJoin(table, Pair));
        scene.Right("k", "v", 1);
        Assert.Equal(["k a+v@2"], scene.Left("k", "a", 2));

        scene.Right("k", null, 3);

        Assert.Equal(["k b+-@4"], scene.Left("k", "b", 4));
    }

    [Fact]
    public void Records_without_a_value_are_dropped_and_those_without_a_key_go_out_alone_in_a_left_join()
    {
        using var inner = OfStreamAndTable((stream, table) => stream.Join(table, Pair));
        using var left = OfStreamAndTable((stream, table) => stream.LeftJoin(table, Pair));

        Assert.Empty(inner.Left("k", null, 1));
        Assert.Empty(inner.Left(null, "a", 1));
        Assert.Empty(left.Left("k", null, 1));
        Assert.Equal(["- a+-@1"], left.Left(null, "a", 1));
        Assert.Equal((2, 1), (inner.Driver.DroppedRecords, left.Driver.DroppedRecords));
    }

    [Fact]
    public void The_joiner_may_see_the_key()
    {
        using var scene = OfStreamAndTable((stream, table) => stream.LeftJoin(table, (key, a, v) => $"{key}:{a}+{v ?? "-"}"));

        Assert.Equal(["k k:a+-@1"], scene.Left("k", "a", 1));
    }

    [Fact]
    public void A_stream_whose_key_was_changed_goes_through_a_repartition_topic()
    {
        using var scene = OfStreamAndTable((stream, table) => stream
            .SelectKey((_, value) => value[..1])
            .Join(table, Pair, Joined.As<string, string, string>("prices")));
        scene.Right("a", "v", 1);

        Assert.Equal(["a apple+v@2"], scene.Left("anything", "apple", 2));
        Assert.Contains("test-prices-repartition", scene.Driver.ProducedTopicNames);
    }

    [Fact]
    public void Of_a_versioned_table_a_record_meets_the_value_of_its_own_time()
    {
        using var scene = OfStreamAndTable((stream, table) => stream.LeftJoin(table, Pair), Versioned(1000));
        scene.Right("k", "from 100", 100);
        scene.Right("k", "from 200", 200);
        scene.Right("k", null, 300);
        scene.Right("k", "from 150", 150);

        Assert.Equal(["k a+-@99"], scene.Left("k", "a", 99));
        Assert.Equal(["k a+from 100@149"], scene.Left("k", "a", 149));
        Assert.Equal(["k a+from 150@199"], scene.Left("k", "a", 199));
        Assert.Equal(["k a+from 200@200"], scene.Left("k", "a", 200));
        Assert.Equal(["k a+-@300"], scene.Left("k", "a", 300));
    }

    [Fact]
    public void What_is_older_than_a_versioned_tables_history_is_not_found()
    {
        using var scene = OfStreamAndTable((stream, table) => stream.LeftJoin(table, Pair), Versioned(100));
        scene.Right("k", "old", 100);
        scene.Right("k", "new", 500);

        Assert.Equal(["k a+-@399"], scene.Left("k", "a", 399));
        Assert.Equal(["k a+old@400"], scene.Left("k", "a", 400));
    }

    [Fact]
    public void With_grace_a_record_waits_for_table_updates_that_come_late()
    {
        using var scene = Waiting(grace: 50);
        scene.Right("k", "old", 10);

        Assert.Empty(scene.Left("k", "a", 100));
        scene.Right("k", "late", 90);
        Assert.Empty(scene.Left("other", "b", 149));
        Assert.Equal(["k a+late@100"], scene.Left("other", "c", 150));
    }

    [Fact]
    public void Records_that_waited_go_out_in_the_order_of_their_times()
    {
        using var scene = Waiting(grace: 50);
        scene.Left("b", "2", 110);
        scene.Left("a", "1", 105);
        scene.Left("c", "3", 105);

        Assert.Equal(["a 1+-@105", "c 3+-@105", "b 2+-@110"], scene.Left("other", "moves time", 200));
    }

    [Fact]
    public void Table_updates_do_not_move_the_time_for_which_records_wait()
    {
        using var scene = Waiting(grace: 50);
        scene.Left("k", "a", 100);

        Assert.Empty(scene.Right("k", "much later", 10_000));
        Assert.Equal(["k a+-@100"], scene.Left("other", "moves time", 150));
    }

    [Fact]
    public void A_record_later_than_its_grace_is_joined_at_once()
    {
        using var scene = Waiting(grace: 50);
        scene.Right("k", "v", 10);
        scene.Left("other", "moves time", 200);

        Assert.Equal(["k a+v@149"], scene.Left("k", "a", 149));
        Assert.Empty(scene.Left("k", "a", 151));
    }

    [Fact]
    public void Grace_asks_for_a_versioned_table()
    {
        var error = Assert.Throws<TopologyException>(() => OfStreamAndTable((stream, table) =>
            stream.Join(table, Pair, new Joined<string, string, string>().WithGracePeriod(Ms(1)))));

        Assert.Contains("give it a versioned store", error.Message, StringComparison.Ordinal);
    }

    private static JoinScene Waiting(long grace) => OfStreamAndTable(
        (stream, table) => stream.LeftJoin(table, Pair, new Joined<string, string, string>().WithGracePeriod(Ms(grace))), Versioned(100_000));

    private static Materialized<string, string> Versioned(long historyMs) => Materialized.AsVersioned<string, string>("versions", Ms(historyMs));
}
