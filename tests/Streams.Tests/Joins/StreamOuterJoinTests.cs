using static Streams.Tests.Joins.JoinScene;
using static Streams.Tests.Windows.Ticks;

namespace Streams.Tests.Joins;

/// <summary>
/// Left and outer joins of streams (KIP-633): a record goes out alone when nothing can meet it any more, never before, so that no result is a guess
/// that a later one corrects.
/// </summary>
public sealed class StreamOuterJoinTests
{
    private static readonly JoinWindows Windows = JoinWindows.OfTimeDifferenceAndGrace(Ms(10), Ms(5));

    [Fact]
    public void A_left_record_goes_out_alone_when_its_window_and_grace_have_passed()
    {
        using var scene = Left();
        Assert.Empty(scene.Left("k", "l", 100));

        Assert.Empty(scene.Left("other", "at the end", 115));
        Assert.Equal(["k l+-@100"], scene.Left("other", "after the end", 116));
    }

    [Fact]
    public void Time_moves_on_with_the_records_of_either_side()
    {
        using var scene = Left();
        scene.Left("k", "l", 100);

        Assert.Equal(["k l+-@100"], scene.Right("other", "r", 116));
    }

    [Fact]
    public void A_record_that_met_another_does_not_go_out_alone()
    {
        using var scene = Left();
        scene.Left("k", "l", 100);

        Assert.Equal(["k l+r@105"], scene.Right("k", "r", 105));
        Assert.Empty(scene.Left("other", "much later", 1000));
    }

    [Fact]
    public void Nor_does_one_whose_partner_came_first()
    {
        using var scene = Left();
        scene.Right("k", "r", 100);

        Assert.Equal(["k l+r@105"], scene.Left("k", "l", 105));
        Assert.Empty(scene.Left("other", "much later", 1000));
    }

    [Fact]
    public void A_right_record_alone_gives_nothing_in_a_left_join_and_a_result_in_an_outer_join()
    {
        using var left = Left();
        using var outer = Outer();
        left.Right("k", "r", 100);
        outer.Right("k", "r", 100);

        Assert.Empty(left.Right("other", "r", 116));
        Assert.Equal(["k -+r@100"], outer.Right("other", "r", 116));
    }

    [Fact]
    public void A_late_partner_within_the_grace_is_still_met()
    {
        using var scene = Outer();
        scene.Left("k", "l", 100);
        scene.Left("other", "moves time", 115);

        Assert.Equal(["k l+r@100"], scene.Right("k", "r", 95));
        Assert.Equal(["other moves time+-@115"], scene.Left("other", "much later", 1000));
    }

    [Fact]
    public void A_partner_that_comes_too_late_goes_out_alone_at_once()
    {
        using var scene = Outer();
        scene.Left("other", "moves time", 1000);

        Assert.Equal(["k -+r@100"], scene.Right("k", "r", 100));
        Assert.Equal(["q l+-@100"], scene.Left("q", "l", 100));
    }

    [Fact]
    public void So_does_one_whose_window_is_past_but_not_its_grace_and_may_be_met_yet_as_in_Kafka_Streams()
    {
        using var scene = Outer();
        scene.Left("other", "moves time", 111);

        Assert.Equal(["k l+-@100"], scene.Left("k", "l", 100));
        Assert.Equal(["k l+r@101"], scene.Right("k", "r", 101));
    }

    [Fact]
    public void What_is_out_alone_is_not_met_later()
    {
        using var scene = Left();
        scene.Left("k", "l", 100);
        Assert.Equal(["k l+-@100"], scene.Left("other", "moves time", 200));

        Assert.Empty(scene.Right("k", "r", 105));
    }

    [Fact]
    public void Records_of_one_key_and_time_wait_each_on_their_own()
    {
        using var scene = Outer();
        scene.Left("k", "l1", 100);
        scene.Left("k", "l2", 100);
        scene.Right("q", "r1", 100);
        scene.Right("q", "r1", 100);

        Assert.Equal(["q -+r1@100", "q -+r1@100", "k l1+-@100", "k l2+-@100"], scene.Left("other", "moves time", 200));
    }

    [Fact]
    public void One_partner_saves_all_records_of_its_key_and_window_from_going_alone()
    {
        using var scene = Outer();
        scene.Left("k", "l1", 100);
        scene.Left("k", "l2", 100);
        scene.Left("k", "l3", 104);

        Assert.Equal(["k l1+r@102", "k l2+r@102", "k l3+r@104"], scene.Right("k", "r", 102));
        Assert.Equal(["k -+r9@120"], [.. scene.Right("k", "r9", 120), .. scene.Left("other", "moves time", 200)]);
    }

    [Fact]
    public void Records_go_out_alone_in_the_order_of_their_times()
    {
        using var scene = Outer();
        scene.Left("b", "2", 103);
        scene.Right("a", "1", 101);
        scene.Left("c", "3", 105);

        Assert.Equal(["a -+1@101", "b 2+-@103", "c 3+-@105"], scene.Left("other", "moves time", 200));
    }

    [Fact]
    public void Each_side_waits_for_its_own_part_of_the_window()
    {
        using var scene = OfStreams((l, r) => l.OuterJoin(r, Pair, JoinWindows.OfTimeDifferenceAndGrace(Ms(0), Ms(0)).WithAfter(Ms(50)).WithBefore(Ms(10))));
        scene.Left("left", "l", 100);
        scene.Right("right", "r", 100);

        // A left record's partners lie up to 50 ms after it, a right record's up to 10.
        Assert.Equal(["right -+r@100"], scene.Right("other", "moves time", 111));
        Assert.Equal(["other -+moves time@111", "left l+-@100"], scene.Left("other", "moves time", 151).Order().Reverse());
    }

    [Fact]
    public void A_record_without_a_key_goes_out_alone_at_once_on_an_outer_side()
    {
        using var left = Left();
        using var outer = Outer();

        Assert.Equal(["- l+-@100"], left.Left(null, "l", 100));
        Assert.Empty(left.Right(null, "r", 100));
        Assert.Equal(["- l+-@100"], outer.Left(null, "l", 100));
        Assert.Equal(["- -+r@100"], outer.Right(null, "r", 100));
        Assert.Equal((1, 0), (left.Driver.DroppedRecords, outer.Driver.DroppedRecords));
    }

    [Fact]
    public void A_record_without_a_value_is_dropped_on_either_side_but_moves_time()
    {
        using var scene = Outer();
        scene.Left("k", "l", 100);

        Assert.Empty(scene.Left("q", null, 200));
        Assert.Empty(scene.Right("q", null, 200));
        Assert.Equal(["k l+-@100"], scene.Left("q", "l", 200));
        Assert.Equal(2, scene.Driver.DroppedRecords);
    }

    private static JoinScene Left() => OfStreams((left, right) => left.LeftJoin(right, Pair, Windows));

    private static JoinScene Outer() => OfStreams((left, right) => left.OuterJoin(right, Pair, Windows));
}
