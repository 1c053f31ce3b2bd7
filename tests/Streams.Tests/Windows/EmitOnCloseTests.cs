using static Streams.Tests.Windows.Ticks;

namespace Streams.Tests.Windows;

/// <summary>Final results: each window's, once, when it has closed (KIP-825).</summary>
public sealed class EmitOnCloseTests
{
    [Fact]
    public void A_tumbling_window_is_emitted_when_stream_time_reaches_its_end_and_grace()
    {
        using var scene = Tumbling(10, grace: 2);
        Assert.Empty(scene.In("k", "a", at: 1));
        Assert.Empty(scene.In("k", "b", at: 11));

        Assert.Equal(["k@0-10 1 1"], scene.In("k", "c", at: 12));
        Assert.Empty(scene.In("k", "d", at: 12));
    }

    [Fact]
    public void All_keys_windows_close_together_the_earliest_first_and_then_by_key()
    {
        using var scene = new WindowScene<long>(
            s => s.GroupByKey().WindowedBy(HoppingWindows.OfSizeWithNoGrace(Ms(10), Ms(5))).EmitStrategy(EmitStrategy.OnWindowClose).Count(), TimeKeys(10));
        scene.In("b", "1", at: 6);
        scene.In("a", "2", at: 7);

        Assert.Equal(["a@0-10 1 7", "b@0-10 1 6", "a@5-15 1 7", "b@5-15 1 6"], scene.In("c", "3", at: 40));
    }

    [Fact]
    public void A_sliding_window_is_emitted_after_its_end_and_grace_for_its_end_belongs_to_it()
    {
        using var scene = new WindowScene<long>(
            s => s.GroupByKey()
                .WindowedBy(SlidingWindows.OfTimeDifferenceAndGrace(Ms(10), Ms(2)))
                .EmitStrategy(EmitStrategy.OnWindowClose)
                .Count(),
            TimeKeys(10));
        scene.In("k", "a", at: 100);

        Assert.Empty(scene.In("other", "b", at: 102));
        Assert.Equal(["k@90-100 1 100"], scene.In("other", "c", at: 103));
    }

    [Fact]
    public void A_session_is_emitted_when_gap_and_grace_have_passed_since_its_end()
    {
        using var scene = Sessions(gap: 5, grace: 2);
        Assert.Empty(scene.In("k", "a", at: 100));
        Assert.Empty(scene.In("k", "b", at: 103));
        Assert.Empty(scene.In("other", "c", at: 110));

        Assert.Equal(["k@100-103 2 103"], scene.In("other", "d", at: 111));
    }

    [Fact]
    public void A_late_record_changes_no_final_result()
    {
        using var scene = Tumbling(10, grace: 0);
        scene.In("k", "a", at: 1);
        Assert.Equal(["k@0-10 1 1"], scene.In("k", "b", at: 10));

        Assert.Empty(scene.In("k", "late", at: 2));
        Assert.Equal(["k@10-20 1 10"], scene.In("k", "c", at: 20));
        Assert.Equal(1, scene.Dropped);
    }

    // Kafka Streams loses these: it looks for closed windows after the record has moved its store's time past them.
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_leap_of_stream_time_loses_no_result(bool cached)
    {
        using var tumbling = Tumbling(10, grace: 2, cached);
        tumbling.In("k", "a", at: 15);
        Assert.Equal(["k@10-20 1 15"], tumbling.In("other", "b", at: 1_000_000));
        Assert.Equal(["other@1000000-1000010 1 1000000"], tumbling.In("k", "c", at: 900_000_000));
    }

    [Fact]
    public void A_leap_of_stream_time_loses_no_session_and_no_sliding_window()
    {
        using var sessions = Sessions(gap: 5, grace: 2);
        sessions.In("k", "a", at: 100);
        Assert.Equal(["k@100-100 1 100"], sessions.In("other", "b", at: 1_000_000));

        using var sliding = new WindowScene<long>(
            s => s.GroupByKey().WindowedBy(SlidingWindows.OfTimeDifferenceWithNoGrace(Ms(10))).EmitStrategy(EmitStrategy.OnWindowClose).Count(), TimeKeys(10));
        sliding.In("k", "a", at: 100);
        Assert.Equal(["k@90-100 1 100"], sliding.In("other", "b", at: 1_000_000));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(7)]
    [InlineData(12)]
    [InlineData(13)]
    public void Whatever_the_steps_of_stream_time_each_windows_result_comes_exactly_once(int step)
    {
        using var tumbling = Tumbling(10, grace: 2, cached: false);
        using var sessions = Sessions(gap: 5, grace: 2);
        var (windows, ended) = (new List<string>(), new List<string>());
        for (var at = 100; at < 400; at += step)
        {
            windows.AddRange(tumbling.In($"k{at}", "a", at));
            ended.AddRange(sessions.In($"k{at}", "a", at));
        }

        Flush(tumbling, windows);
        Flush(sessions, ended);

        Assert.Equal((300 + step - 1) / step, windows.Count);
        Assert.Equal(windows.Count, ended.Count);
        Assert.Equal(windows.Count, windows.Distinct().Count());
    }

    private static void Flush(WindowScene<long> scene, List<string> output) => output.AddRange(scene.In("end", "a", at: 1_000_000));

    private static WindowScene<long> Tumbling(long size, long grace, bool cached = true) => new(
        s => s.GroupByKey()
            .WindowedBy(TumblingWindows.OfSizeAndGrace(Ms(size), Ms(grace)))
            .EmitStrategy(EmitStrategy.OnWindowClose)
            .Count(cached ? null : Materialized.As<string, long>("counts").WithCachingDisabled()),
        TimeKeys(size));

    private static WindowScene<long> Sessions(long gap, long grace) => new(
        s => s.GroupByKey().WindowedBy(SessionTests.Sessions(gap, grace)).EmitStrategy(EmitStrategy.OnWindowClose).Count(), SessionKeys);
}
