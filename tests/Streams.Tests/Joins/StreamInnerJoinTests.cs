using static Streams.Tests.Joins.JoinScene;
using static Streams.Tests.Windows.Ticks;

namespace Streams.Tests.Joins;

/// <summary>Two streams joined: each pair of records of one key whose times lie within the windows, once.</summary>
public sealed class StreamInnerJoinTests
{
    [Fact]
    public void Records_of_one_key_meet_whichever_side_comes_first_and_the_result_has_the_greater_time()
    {
        using var scene = Join(JoinWindows.OfTimeDifferenceWithNoGrace(Ms(10)));

        Assert.Empty(scene.Left("k", "l1", 100));
        Assert.Equal(["k l1+r1@105"], scene.Right("k", "r1", 105));
        Assert.Equal(["k l2+r1@110"], scene.Left("k", "l2", 110));
        Assert.Empty(scene.Right("other", "r2", 110));
    }

    [Theory]
    [InlineData(89, false)]
    [InlineData(90, true)]
    [InlineData(110, true)]
    [InlineData(111, false)]
    public void Both_bounds_of_the_window_belong_to_it(long right, bool meets)
    {
        using var scene = Join(JoinWindows.OfTimeDifferenceAndGrace(Ms(10), Ms(1000)));
        scene.Left("k", "l", 100);

        Assert.Equal(meets, scene.Right("k", "r", right).Length == 1);
    }

    [Theory]
    [InlineData(97, false)]
    [InlineData(98, true)]
    [InlineData(105, true)]
    [InlineData(106, false)]
    public void Before_and_after_are_said_of_the_right_record(long right, bool meets)
    {
        var windows = JoinWindows.OfTimeDifferenceAndGrace(Ms(0), Ms(1000)).WithBefore(Ms(2)).WithAfter(Ms(5));
        using var leftFirst = Join(windows);
        using var rightFirst = Join(windows);
        leftFirst.Left("k", "l", 100);
        rightFirst.Right("k", "r", right);

        Assert.Equal(meets, leftFirst.Right("k", "r", right).Length == 1);
        Assert.Equal(meets, rightFirst.Left("k", "l", 100).Length == 1);
    }

    [Theory]
    [InlineData(102, false)]
    [InlineData(103, true)]
    [InlineData(108, true)]
    [InlineData(109, false)]
    public void A_negative_bound_moves_the_window_off_the_record(long right, bool meets)
    {
        using var scene = Join(JoinWindows.OfTimeDifferenceAndGrace(Ms(0), Ms(1000)).WithAfter(Ms(8)).WithBefore(Ms(-3)));
        scene.Left("k", "l", 100);

        Assert.Equal(meets, scene.Right("k", "r", right).Length == 1);
    }

    [Fact]
    public void A_window_that_ends_before_it_starts_is_refused()
    {
        var windows = JoinWindows.OfTimeDifferenceWithNoGrace(Ms(5));

        Assert.Throws<ArgumentException>(() => windows.WithBefore(Ms(-6)));
        Assert.Throws<ArgumentException>(() => windows.WithAfter(Ms(-6)));
    }

    [Fact]
    public void Records_of_one_key_and_time_are_all_kept_and_met_in_the_order_in_which_they_came()
    {
        using var scene = Join(JoinWindows.OfTimeDifferenceWithNoGrace(Ms(10)));
        scene.Left("k", "l1", 100);
        scene.Left("k", "l2", 100);
        scene.Left("k", "l1", 100);

        Assert.Equal(["k l1+r@100", "k l2+r@100", "k l1+r@100"], scene.Right("k", "r", 100));
    }

    [Fact]
    public void Partners_are_met_in_the_order_of_their_times()
    {
        using var scene = Join(JoinWindows.OfTimeDifferenceAndGrace(Ms(10), Ms(100)));
        scene.Left("k", "late", 107);
        scene.Left("k", "early", 95);

        Assert.Equal(["k early+r@100", "k late+r@107"], scene.Right("k", "r", 100));
    }

    [Fact]
    public void A_record_that_comes_out_of_order_finds_its_partners_while_the_grace_lasts()
    {
        using var scene = Join(JoinWindows.OfTimeDifferenceAndGrace(Ms(10), Ms(50)));
        scene.Left("k", "l", 100);
        scene.Left("k", "later", 160);

        Assert.Equal(["k l+r@100"], scene.Right("k", "r", 95));
    }

    [Fact]
    public void A_record_is_forgotten_when_windows_and_grace_have_passed_on_its_own_side()
    {
        using var scene = Join(JoinWindows.OfTimeDifferenceAndGrace(Ms(10), Ms(50)));
        scene.Left("k", "l", 100);
        scene.Left("other", "moves time", 170);

        Assert.Empty(scene.Right("k", "r", 105));
    }

    [Fact]
    public void Records_without_key_or_value_meet_nothing_and_are_counted_as_dropped()
    {
        using var scene = Join(JoinWindows.OfTimeDifferenceWithNoGrace(Ms(10)));
        scene.Left("k", "l", 100);

        Assert.Empty(scene.Left(null, "l", 100));
        Assert.Empty(scene.Right(null, "r", 100));
        Assert.Empty(scene.Left("k", null, 100));
        Assert.Empty(scene.Right("k", null, 100));
        Assert.Equal(4, scene.Driver.DroppedRecords);
        Assert.Equal(["k l+r@100"], scene.Right("k", "r", 100));
    }

    [Fact]
    public void The_joiner_may_see_the_key()
    {
        using var scene = OfStreams((left, right) =>
            left.Join(right, (key, l, r) => $"{key}:{l}+{r}", JoinWindows.OfTimeDifferenceWithNoGrace(Ms(10))));
        scene.Left("k", "l", 1);

        Assert.Equal(["k k:l+r@1"], scene.Right("k", "r", 1));
    }

    [Fact]
    public void A_result_has_the_headers_of_the_record_that_completed_the_pair()
    {
        using var scene = OfStreams((left, right) => left
            .Join(right, Pair, JoinWindows.OfTimeDifferenceWithNoGrace(Ms(10)))
            .ProcessValues(() => new ShowHeaders()));
        var (left, right) = (scene.Driver.CreateInputTopic<string, string>("left"), scene.Driver.CreateInputTopic<string, string>("right"));
        left.PipeInput(new Record<string, string>("k", "l", 1).WithHeader("from", [1]));
        right.PipeInput(new Record<string, string>("k", "r", 2).WithHeader("from", [2]));

        Assert.Equal("l+r 2", scene.Driver.CreateOutputTopic<string, string>("out").ReadValue());
    }

    private static JoinScene Join(JoinWindows windows) => OfStreams((left, right) => left.Join(right, Pair, windows));

    private sealed class ShowHeaders : FixedKeyProcessor<string, string, string>
    {
        public override void Process(in FixedKeyRecord<string, string> record) =>
            Context.Forward(record.WithValue($"{record.Value} {string.Join(",", record.Headers.Select(h => h.Value![0]))}"));
    }
}
