using static Streams.Tests.Windows.Ticks;

namespace Streams.Tests.Windows;

/// <summary>Sliding windows: one for each set of records that lie within the time difference of each other (KIP-450).</summary>
public sealed class SlidingTests
{
    [Fact]
    public void A_record_makes_the_window_that_ends_with_it()
    {
        using var scene = Texts(10, grace: 100);

        Assert.Equal(["k@90-100 [a 100"], scene.In("k", "a", at: 100));
    }

    [Fact]
    public void A_record_close_behind_another_makes_the_window_right_after_that_one_and_shares_its_own()
    {
        using var scene = Texts(10, grace: 100);
        scene.In("k", "a", at: 100);

        Assert.Equal(["k@101-111 [b 105", "k@95-105 [ab 105"], scene.In("k", "b", at: 105));
    }

    [Fact]
    public void Both_bounds_belong_to_a_window()
    {
        using var scene = Texts(10, grace: 100);
        scene.In("k", "a", at: 100);

        Assert.Equal(["k@101-111 [b 110", "k@100-110 [ab 110"], scene.In("k", "b", at: 110));
    }

    [Fact]
    public void Records_further_apart_than_the_difference_share_no_window()
    {
        using var scene = Texts(10, grace: 100);
        scene.In("k", "a", at: 100);

        // Right after a starts a window too, but it holds b only where b is within it: here it does.
        Assert.Equal(["k@101-111 [b 111"], scene.In("k", "b", at: 111));
    }

    [Fact]
    public void A_record_that_comes_between_two_joins_their_windows_the_latest_first_and_makes_its_own()
    {
        using var scene = Texts(10, grace: 100);
        scene.In("k", "a", at: 100);
        scene.In("k", "b", at: 108);

        Assert.Equal(
            ["k@101-111 [bc 108", "k@98-108 [abc 108", "k@94-104 [ac 104", "k@105-115 [b 108"],
            scene.In("k", "c", at: 104));
    }

    [Fact]
    public void A_second_record_at_the_same_time_makes_no_new_window()
    {
        using var scene = Texts(10, grace: 100);
        scene.In("k", "a", at: 100);

        Assert.Equal(["k@90-100 [ab 100"], scene.In("k", "b", at: 100));
    }

    [Fact]
    public void Records_of_the_first_difference_share_the_window_that_starts_with_time()
    {
        using var scene = Texts(10, grace: 100);

        Assert.Equal(["k@0-10 [a 3"], scene.In("k", "a", at: 3));
        Assert.Equal(["k@4-14 [b 9", "k@0-10 [ab 9"], scene.In("k", "b", at: 9));
        Assert.Equal(["k@2-12 [ab 9", "k@0-10 [abc 9"], scene.In("k", "c", at: 1));
    }

    [Fact]
    public void A_record_is_late_when_the_last_window_that_could_hold_it_has_closed()
    {
        using var scene = Texts(10, grace: 5);
        scene.In("other", "a", at: 100);

        // What ends before 95 has closed. Of a record at 85 only the window right after it could still be open, and nothing is in that one.
        Assert.Empty(scene.In("k", "b", at: 85));
        Assert.Empty(scene.In("k", "c", at: 84));
        Assert.Equal(2, scene.Dropped);
        Assert.Equal(["k@85-95 [d 95"], scene.In("k", "d", at: 95));
    }

    [Fact]
    public void A_record_without_key_or_value_is_dropped()
    {
        using var scene = Texts(10, grace: 100);

        Assert.Empty(scene.In("k", null, at: 100));
        Assert.Empty(scene.In(null!, "a", at: 100));
        Assert.Equal(2, scene.Dropped);
    }

    private static WindowScene<string> Texts(long difference, long grace) => new(
        s => s.GroupByKey()
            .WindowedBy(SlidingWindows.OfTimeDifferenceAndGrace(Ms(difference), Ms(grace)))
            .Aggregate(() => "[", (_, value, text) => text + value),
        TimeKeys(difference));
}
