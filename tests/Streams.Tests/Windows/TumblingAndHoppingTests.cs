using static Streams.Tests.Windows.Ticks;

namespace Streams.Tests.Windows;

/// <summary>Windows of one size at fixed steps: which take a record, until when, and what comes out.</summary>
public sealed class TumblingAndHoppingTests
{
    [Fact]
    public void A_window_holds_its_start_and_not_its_end()
    {
        using var scene = Counts(TumblingWindows.OfSizeWithNoGrace(Ms(10)));

        Assert.Equal(["k@0-10 1 9"], scene.In("k", "a", at: 9));
        Assert.Equal(["k@10-20 1 10"], scene.In("k", "b", at: 10));
    }

    [Fact]
    public void Each_key_has_its_own_windows_and_all_share_stream_time()
    {
        using var scene = Counts(TumblingWindows.OfSizeWithNoGrace(Ms(10)));
        scene.In("k", "a", at: 5);

        Assert.Equal(["other@20-30 1 25"], scene.In("other", "b", at: 25));

        Assert.Empty(scene.In("k", "late", at: 6));
        Assert.Equal(1, scene.Dropped);
    }

    [Theory]
    [InlineData(14, true)]
    [InlineData(15, false)]
    public void A_window_takes_late_records_until_stream_time_reaches_its_end_and_grace(long streamTime, bool taken)
    {
        using var scene = Counts(TumblingWindows.OfSizeAndGrace(Ms(10), Ms(5)));
        scene.In("other", "a", at: streamTime);

        Assert.Equal(taken ? ["k@0-10 1 3"] : [], scene.In("k", "late", at: 3));
    }

    [Fact]
    public void A_record_is_in_every_hopping_window_that_is_open_at_its_time_the_first_one_first()
    {
        using var scene = Counts(HoppingWindows.OfSizeWithNoGrace(Ms(10), Ms(4)));

        Assert.Equal(["k@4-14 1 13", "k@8-18 1 13", "k@12-22 1 13"], scene.In("k", "a", at: 13));
    }

    [Fact]
    public void No_window_starts_before_time_does()
    {
        using var scene = Counts(TumblingWindows.OfSizeWithNoGrace(Ms(10)).AdvanceBy(Ms(5)));

        Assert.Equal(["k@0-10 1 2"], scene.In("k", "a", at: 2));
    }

    [Fact]
    public void A_late_record_is_dropped_window_by_window()
    {
        using var scene = Counts(HoppingWindows.OfSizeWithNoGrace(Ms(10), Ms(5)));
        scene.In("other", "a", at: 12);

        // The window 0-10 has closed, 5-15 has not.
        Assert.Equal(["k@5-15 1 8"], scene.In("k", "b", at: 8));
        Assert.Equal(1, scene.Dropped);
    }

    [Fact]
    public void A_result_has_the_greatest_time_of_its_records()
    {
        using var scene = Counts(TumblingWindows.OfSizeWithNoGrace(Ms(10)));
        scene.In("k", "a", at: 7);

        Assert.Equal(["k@0-10 2 7"], scene.In("k", "b", at: 3));
    }

    [Fact]
    public void A_record_without_value_counts_and_one_without_key_is_dropped()
    {
        using var scene = Counts(TumblingWindows.OfSizeWithNoGrace(Ms(10)));

        Assert.Equal(["k@0-10 1 1"], scene.In("k", null, at: 1));
        Assert.Empty(scene.In(null!, "a", at: 2));
        Assert.Equal(1, scene.Dropped);
    }

    [Fact]
    public void A_windows_first_value_is_taken_as_it_is_by_a_reducer()
    {
        using var scene = new WindowScene<string>(
            s => s.GroupByKey().WindowedBy(TumblingWindows.OfSizeWithNoGrace(Ms(10))).Reduce((so_far, next) => $"{so_far}+{next}"), TimeKeys(10));

        Assert.Equal(["k@0-10 a 1"], scene.In("k", "a", at: 1));
        Assert.Equal(["k@0-10 a+b 2"], scene.In("k", "b", at: 2));
        Assert.Equal(["k@10-20 c 11"], scene.In("k", "c", at: 11));
    }

    [Fact]
    public void An_aggregator_that_returns_null_deletes_its_window_and_the_next_record_starts_anew()
    {
        using var scene = new WindowScene<string>(
            s => s.GroupByKey().WindowedBy(TumblingWindows.OfSizeWithNoGrace(Ms(10)))
                .Aggregate(() => "[", (_, value, text) => value == "end" ? null! : text + value, Uncached<string>()),
            TimeKeys(10));
        scene.In("k", "a", at: 1);

        Assert.Equal(["k@0-10 - 2"], scene.In("k", "end", at: 2));
        Assert.Equal(["k@0-10 [b 3"], scene.In("k", "b", at: 3));
    }

    [Fact]
    public void A_retention_below_size_plus_grace_is_refused_with_what_to_do()
    {
        var windows = TumblingWindows.OfSizeAndGrace(Ms(10), Ms(5));

        var error = Assert.Throws<TopologyException>(() => new WindowScene<long>(
            s => s.GroupByKey().WindowedBy(windows).Count(Materialized.As<string, long>("counts").WithRetention(Ms(14))), TimeKeys(10)));

        Assert.Contains("'counts'", error.Message, StringComparison.Ordinal);
        Assert.Contains("size plus grace", error.Message, StringComparison.Ordinal);
    }

    private static WindowScene<long> Counts(TimeWindows windows) =>
        new(s => s.GroupByKey().WindowedBy(windows).Count(), TimeKeys((long)windows.Size.TotalMilliseconds));

    private static Materialized<string, T> Uncached<T>() => Materialized.As<string, T>("store").WithCachingDisabled();
}
