using static Streams.Tests.Windows.Ticks;

namespace Streams.Tests.Windows;

public sealed class UnlimitedTests
{
    [Fact]
    public void One_window_takes_everything_from_its_start_however_late()
    {
        using var scene = Counts(start: 100);

        Assert.Equal([$"k@100-{long.MaxValue} 1 100"], scene.In("k", "a", at: 100));
        Assert.Equal([$"k@100-{long.MaxValue} 2 5000000"], scene.In("k", "b", at: 5_000_000));
        Assert.Equal([$"k@100-{long.MaxValue} 3 5000000"], scene.In("k", "late", at: 101));
    }

    [Fact]
    public void What_comes_before_its_start_is_in_no_window_and_not_counted_as_dropped()
    {
        using var scene = Counts(start: 100);

        Assert.Empty(scene.In("k", "a", at: 99));
        Assert.Equal(0, scene.Dropped);
    }

    [Fact]
    public void Final_results_of_a_window_that_never_closes_are_refused()
    {
        var windowed = new StreamBuilder().Stream<string, string>("in").GroupByKey().WindowedBy(UnlimitedWindows.Of());

        var error = Assert.Throws<TopologyException>(() => windowed.EmitStrategy(EmitStrategy.OnWindowClose));

        Assert.Contains("never close", error.Message, StringComparison.Ordinal);
    }

    private static WindowScene<long> Counts(long start) => new(
        s => s.GroupByKey().WindowedBy(UnlimitedWindows.Of().StartOn(DateTimeOffset.FromUnixTimeMilliseconds(start))).Count(), Serdes.Windowed(Serdes.String, TimeSpan.MaxValue));
}
