using Streams.TestKit;

namespace Streams.Tests.Docs;

/// <summary>docs/engine.md: windows, final results, suppression.</summary>
public sealed class WindowExamples
{
    private static readonly DateTimeOffset Noon = new(2026, 1, 1, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void Four_kinds_of_windows()
    {
        var builder = new StreamBuilder();
        var clicks = builder.Stream<string, string>("clicks").GroupByKey();

        #region windows
        // One minute each, side by side; open to late records for ten seconds more.
        KTable<Windowed<string>, long> perMinute = clicks
            .WindowedBy(TumblingWindows.OfSizeAndGrace(TimeSpan.FromMinutes(1), TimeSpan.FromSeconds(10)))
            .Count(Materialized.As<string, long>("per-minute"));

        // Five minutes each, a new one every minute: a record is in five of them.
        KTable<Windowed<string>, long> lastFive = clicks
            .WindowedBy(HoppingWindows.OfSizeAndGrace(TimeSpan.FromMinutes(5), TimeSpan.FromMinutes(1), grace: TimeSpan.Zero))
            .Count();

        // Wherever records lie at most ten seconds apart, whenever that is.
        KTable<Windowed<string>, long> bursts = clicks
            .WindowedBy(SlidingWindows.OfTimeDifferenceAndGrace(TimeSpan.FromSeconds(10), TimeSpan.FromSeconds(5)))
            .Count();

        // From the first record to half an hour of silence.
        KTable<Windowed<string>, long> sessions = clicks
            .WindowedBy(SessionWindows.OfInactivityGapAndGrace(TimeSpan.FromMinutes(30), TimeSpan.FromMinutes(5)))
            .Count();

        perMinute.ToStream((key, _) => $"{key.Key} from {key.Window.Start:HH:mm} to {key.Window.End:HH:mm}").To("clicks-per-minute");
        #endregion

        Assert.All([lastFive, bursts, sessions], Assert.NotNull);
        using var driver = new TopologyTestDriver(builder.Build());
        driver.CreateInputTopic<string, string>("clicks").PipeInput("ann", "tea", Noon);
        Assert.Equal("ann from 12:00 to 12:01", driver.CreateOutputTopic<string, long>("clicks-per-minute").ReadRecord().Key);
        Assert.Equal(1, driver.GetTimestampedWindowStore<string, long>("per-minute").Fetch("ann", 0, long.MaxValue).Single().Value.Value);
    }

    [Fact]
    public void Final_results_only()
    {
        var builder = new StreamBuilder();
        var clicks = builder.Stream<string, string>("clicks").GroupByKey();
        var windows = TumblingWindows.OfSizeAndGrace(TimeSpan.FromMinutes(1), TimeSpan.FromSeconds(10));

        #region emit on close
        KTable<Windowed<string>, long> final = clicks
            .WindowedBy(windows)
            .EmitStrategy(EmitStrategy.OnWindowClose)
            .Count();
        #endregion

        #region suppress until close
        KTable<Windowed<string>, long> alsoFinal = clicks
            .WindowedBy(windows)
            .Count()
            .Suppress(Suppressed.UntilWindowCloses(BufferConfig.Unbounded()));
        #endregion

        final.ToStream((key, _) => key.Key).To("final");
        alsoFinal.ToStream((key, _) => key.Key).To("also-final");
        using var driver = new TopologyTestDriver(builder.Build());
        var input = driver.CreateInputTopic<string, string>("clicks");
        input.PipeInput("ann", "tea", Noon);
        input.PipeInput("ann", "tea", Noon.AddSeconds(59));
        input.PipeInput("ben", "tea", Noon.AddSeconds(71));
        Assert.Equal([2L], driver.CreateOutputTopic<string, long>("final").ReadValuesToList());
        Assert.Equal([2L], driver.CreateOutputTopic<string, long>("also-final").ReadValuesToList());
    }

    [Fact]
    public void At_most_one_change_in_a_time()
    {
        var builder = new StreamBuilder();
        KTable<string, string> prices = builder.Table<string, string>("prices");

        #region suppress until time limit
        KTable<string, string> calm = prices.Suppress(Suppressed.UntilTimeLimit(
            TimeSpan.FromMinutes(5),
            BufferConfig.MaxRecords(10_000).EmitEarlyWhenFull()));
        #endregion

        calm.ToStream().To("calm");
        using var driver = new TopologyTestDriver(builder.Build());
        var input = driver.CreateInputTopic<string, string>("prices");
        input.PipeInput("tea", "3", Noon);
        input.PipeInput("tea", "4", Noon.AddMinutes(1));
        input.PipeInput("jam", "2", Noon.AddMinutes(6));
        Assert.Equal(["4"], driver.CreateOutputTopic<string, string>("calm").ReadValuesToList());
    }
}
