using static Streams.Tests.Windows.Ticks;

namespace Streams.Tests.Windows;

/// <summary>Session windows: activity with no silence longer than the gap.</summary>
public sealed class SessionTests
{
    [Fact]
    public void A_record_alone_is_a_session_of_one_moment()
    {
        using var scene = Texts(gap: 5, grace: 100);

        Assert.Equal(["k@100-100 [a 100"], scene.In("k", "a", at: 100));
    }

    [Theory]
    [InlineData(105, true)]
    [InlineData(106, false)]
    public void A_record_no_further_than_the_gap_extends_the_session(long at, bool extends)
    {
        using var scene = Texts(gap: 5, grace: 100);
        scene.In("k", "a", at: 100);

        // The session that grew is another key: the old one gets a tombstone.
        Assert.Equal(extends ? ["k@100-100 - 100", "k@100-105 [&[ab 105"] : ["k@106-106 [b 106"], scene.In("k", "b", at));
    }

    [Fact]
    public void A_record_between_two_sessions_makes_them_one_in_the_order_of_their_ends()
    {
        using var scene = Texts(gap: 5, grace: 100);
        scene.In("k", "a", at: 100);
        scene.In("k", "b", at: 110);

        Assert.Equal(["k@100-100 - 100", "k@110-110 - 110", "k@100-110 [&[a&[bc 110"], scene.In("k", "c", at: 105));
    }

    [Fact]
    public void A_record_inside_a_session_changes_neither_of_its_bounds()
    {
        using var scene = Texts(gap: 5, grace: 100);
        scene.In("k", "a", at: 100);
        scene.In("k", "b", at: 104);

        // In Kafka Streams too, the tombstone comes although the session's key stays.
        Assert.Equal(["k@100-104 - 104", "k@100-104 [&[&[abc 104"], scene.In("k", "c", at: 102));
    }

    [Fact]
    public void A_second_record_at_the_same_moment_overwrites_the_session_without_a_tombstone()
    {
        using var scene = Texts(gap: 5, grace: 100);
        scene.In("k", "a", at: 100);

        Assert.Equal(["k@100-100 [&[ab 100"], scene.In("k", "b", at: 100));
    }

    [Fact]
    public void A_session_takes_late_records_until_gap_and_grace_have_passed()
    {
        using var scene = Counts(gap: 5, grace: 10);
        scene.In("other", "a", at: 100);

        Assert.Empty(scene.In("k", "b", at: 84));
        Assert.Equal(1, scene.Dropped);
        Assert.Equal(["k@85-85 1 85"], scene.In("k", "c", at: 85));
    }

    [Fact]
    public void A_late_record_is_taken_where_it_joins_a_session_that_is_still_open()
    {
        using var scene = Counts(gap: 5, grace: 10);
        scene.In("k", "a", at: 87);
        scene.In("other", "b", at: 100);

        Assert.Equal(["k@87-87 - 87", "k@83-87 2 87"], scene.In("k", "c", at: 83));
    }

    [Fact]
    public void Each_key_has_its_own_sessions()
    {
        using var scene = Counts(gap: 5, grace: 100);
        scene.In("k", "a", at: 100);

        Assert.Equal(["other@101-101 1 101"], scene.In("other", "b", at: 101));
    }

    [Fact]
    public void A_count_merges_by_adding_and_a_record_without_value_counts()
    {
        using var scene = Counts(gap: 5, grace: 100);
        scene.In("k", null, at: 100);
        scene.In("k", null, at: 110);

        Assert.Equal(["k@100-100 - 100", "k@110-110 - 110", "k@100-110 3 110"], scene.In("k", null, at: 105));
        Assert.Equal(0, scene.Dropped);
    }

    [Fact]
    public void A_reducer_merges_sessions_too()
    {
        using var scene = new WindowScene<string>(
            s => s.GroupByKey().WindowedBy(Sessions(5, 100)).Reduce((so_far, next) => $"{so_far}+{next}"), SessionKeys);
        scene.In("k", "a", at: 100);
        scene.In("k", "b", at: 110);

        Assert.Equal(["k@100-100 - 100", "k@110-110 - 110", "k@100-110 a+b+c 110"], scene.In("k", "c", at: 105));
    }

    [Fact]
    public void A_record_without_key_is_dropped()
    {
        using var scene = Counts(gap: 5, grace: 100);

        Assert.Empty(scene.In(null!, "a", at: 100));
        Assert.Equal(1, scene.Dropped);
    }

    [Fact]
    public void The_stores_sessions_can_be_looked_up()
    {
        using var scene = new WindowScene<long>(
            s => s.GroupByKey().WindowedBy(Sessions(5, 100)).Count(Materialized.As<string, long>("sessions")), SessionKeys);
        scene.In("k", "a", at: 100);
        scene.In("k", "b", at: 103);
        scene.In("k", "c", at: 120);

        var store = scene.Driver.GetSessionStore<string, long>("sessions");

        Assert.Equal([("k", 100L, 103L, 2L), ("k", 120L, 120L, 1L)], store.Fetch("k").Select(s => (s.Key.Key, s.Key.Window.StartMs, s.Key.Window.EndMs, s.Value)));
        Assert.True(store.TryFetchSession("k", 100, 103, out var count));
        Assert.Equal(2, count);
    }

    internal static SessionWindows Sessions(long gap, long grace) => SessionWindows.OfInactivityGapAndGrace(Ms(gap), Ms(grace));

    private static WindowScene<long> Counts(long gap, long grace) =>
        new(s => s.GroupByKey().WindowedBy(Sessions(gap, grace)).Count(), SessionKeys);

    private static WindowScene<string> Texts(long gap, long grace) => new(
        s => s.GroupByKey().WindowedBy(Sessions(gap, grace)).Aggregate(() => "[", (_, value, text) => text + value, (_, one, two) => $"{one}&{two}"),
        SessionKeys);
}
