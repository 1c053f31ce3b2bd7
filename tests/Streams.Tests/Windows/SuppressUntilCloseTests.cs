using static Streams.Tests.Windows.Ticks;

namespace Streams.Tests.Windows;

/// <summary>Windowed results held back until their windows have closed.</summary>
public sealed class SuppressUntilCloseTests
{
    [Fact]
    public void A_result_comes_once_when_stream_time_reaches_its_windows_end_and_grace()
    {
        using var scene = Tumbling(10, grace: 5);
        Assert.Empty(scene.In("k", "a", at: 1));
        Assert.Empty(scene.In("k", "b", at: 14));
        Assert.Empty(scene.In("k", "late", at: 9));

        Assert.Equal(["k@0-10 2 9"], scene.In("k", "c", at: 15));
        Assert.Empty(scene.In("k", "too late", at: 9));
    }

    [Fact]
    public void Results_come_by_their_windows_ends_and_then_by_key()
    {
        using var scene = Tumbling(10, grace: 0);
        scene.In("b", "1", at: 9);
        scene.In("c", "2", at: 2);
        scene.In("a", "3", at: 5);

        Assert.Equal(["a@0-10 1 5", "b@0-10 1 9", "c@0-10 1 2"], scene.In("z", "4", at: 10));
        Assert.Equal(["z@10-20 1 10"], scene.In("a", "5", at: 35));
    }

    [Fact]
    public void A_session_is_held_back_until_nothing_can_extend_it_and_what_it_absorbed_never_shows()
    {
        using var scene = new WindowScene<long>(
            s => s.GroupByKey().WindowedBy(SessionTests.Sessions(gap: 5, grace: 2)).Count().Suppress(Suppressed.UntilWindowCloses(BufferConfig.Unbounded())),
            SessionKeys);
        scene.In("k", "a", at: 100);
        scene.In("k", "b", at: 104);

        Assert.Empty(scene.In("other", "c", at: 110));
        Assert.Equal(["k@100-104 2 104"], scene.In("other", "d", at: 111));
    }

    [Fact]
    public void A_sliding_window_is_held_back_until_its_end_and_grace()
    {
        using var scene = new WindowScene<long>(
            s => s.GroupByKey()
                .WindowedBy(SlidingWindows.OfTimeDifferenceAndGrace(Ms(10), Ms(5)))
                .Count()
                .Suppress(Suppressed.UntilWindowCloses(BufferConfig.Unbounded())),
            TimeKeys(10));
        scene.In("k", "a", at: 100);

        Assert.Empty(scene.In("other", "b", at: 104));
        Assert.Equal(["k@90-100 1 100"], scene.In("other", "c", at: 105));
    }

    [Fact]
    public void The_grace_is_found_through_the_tables_in_between()
    {
        using var scene = new WindowScene<string>(
            s => s.GroupByKey()
                .WindowedBy(TumblingWindows.OfSizeAndGrace(Ms(10), Ms(5)))
                .Count()
                .Filter((_, count) => count > 1)
                .MapValues(count => $"{count} times")
                .Suppress(Suppressed.UntilWindowCloses(BufferConfig.Unbounded())),
            TimeKeys(10));
        scene.In("k", "a", at: 1);
        scene.In("k", "b", at: 2);
        scene.In("once", "c", at: 3);

        Assert.Empty(scene.In("k", "d", at: 14));
        Assert.Equal(["k@0-10 2 times 2"], scene.In("k", "e", at: 15));
    }

    [Fact]
    public void A_bounded_buffer_that_is_full_stops_the_task_rather_than_emit_early()
    {
        using var scene = Tumbling(10, grace: 0, BufferConfig.MaxRecords(2).ShutDownWhenFull());
        scene.In("a", "1", at: 1);
        scene.In("b", "2", at: 1);

        var error = Assert.ThrowsAny<StreamsException>(() => scene.In("c", "3", at: 1));

        Assert.Contains("3 records of at most 2", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_table_without_windows_never_closes_so_it_is_refused()
    {
        var table = new StreamBuilder().Stream<string, string>("in").GroupByKey().Count();

        var error = Assert.Throws<TopologyException>(() => table.Suppress(Suppressed.UntilWindowCloses(BufferConfig.Unbounded())));

        Assert.Contains("UntilTimeLimit", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Keys_are_the_same_when_their_bytes_are()
    {
        var builder = new StreamBuilder();
        builder.Stream<byte[], string>("in")
            .GroupByKey()
            .WindowedBy(TumblingWindows.OfSizeWithNoGrace(Ms(10)))
            .Count(Materialized.As<byte[], long>("counts").WithCachingDisabled())
            .Suppress(Suppressed.UntilWindowCloses(BufferConfig.Unbounded()))
            .ToStream((window, _) => window.Window.StartMs)
            .To("out");
        using var driver = new TestKit.TopologyTestDriver(builder.Build());
        var input = driver.CreateInputTopic<byte[], string>("in");

        input.PipeInput([7], "a", 1);
        input.PipeInput([7], "b", 2);
        input.PipeInput([8], "c", 10);

        Assert.Equal([2], driver.CreateOutputTopic<long, long>("out").ReadValuesToList());
    }

    private static WindowScene<long> Tumbling(long size, long grace, StrictBufferConfig? buffer = null) => new(
        s => s.GroupByKey()
            .WindowedBy(TumblingWindows.OfSizeAndGrace(Ms(size), Ms(grace)))
            .Count()
            .Suppress(Suppressed.UntilWindowCloses(buffer ?? BufferConfig.Unbounded())),
        TimeKeys(size));
}
