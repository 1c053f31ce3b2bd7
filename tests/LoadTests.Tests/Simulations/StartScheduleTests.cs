using FsCheck;
using FsCheck.Fluent;
using LoadTesting.Simulations;

namespace LoadTests.Tests.Simulations;

public sealed class StartScheduleTests
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    [Fact]
    public void A_steady_rate_is_spread_evenly_from_the_first_moment()
    {
        var starts = Starts(Simulation.Inject(rate: 4, interval: Second, during: 2 * Second));

        Assert.Equal([0, 250, 500, 750, 1_000, 1_250, 1_500, 1_750], starts.Select(start => start.TotalMilliseconds));
    }

    [Fact]
    public void A_rate_for_a_longer_interval_is_not_rounded()
    {
        // 20,000 records a second in batches of 7.
        var starts = Starts(Simulation.Inject(rate: 20_000, interval: 7 * Second, during: 70 * Second));

        Assert.Equal(200_000, starts.Count);
        Assert.Equal(1_000_000.0 * 7 / 20_000 * 199_999, starts[^1].TotalMicroseconds, tolerance: 1);
    }

    [Fact]
    public void A_ramp_rises_evenly_and_has_half_of_what_its_last_rate_would_have()
    {
        var starts = Starts(Simulation.RampingInject(rate: 100, interval: Second, during: 10 * Second));

        Assert.Equal(500, starts.Count);
        Assert.Equal(125, starts.Count(start => start < 5 * Second));
        Assert.Equal(starts.Order(), starts);
    }

    [Fact]
    public void A_ramp_goes_on_from_the_rate_before_it_up_or_down()
    {
        var starts = Starts(
            Simulation.Inject(rate: 100, interval: Second, during: Second),
            Simulation.RampingInject(rate: 0, interval: Second, during: 2 * Second),
            Simulation.Pause(during: Second),
            Simulation.RampingInject(rate: 50, interval: Second, during: 2 * Second));

        Assert.Equal([100, 75, 25, 0, 13, 37], Enumerable.Range(0, 6).Select(second => starts.Count(start => start >= second * Second && start < (second + 1) * Second)));
    }

    [Fact]
    public void What_is_left_to_chance_follows_from_the_seed()
    {
        var simulation = Simulation.InjectRandom(minRate: 1, maxRate: 50, interval: Second, during: 20 * Second);

        Assert.Equal(Starts(7, simulation), Starts(7, simulation));
        Assert.NotEqual(Starts(7, simulation), Starts(8, simulation));
        Assert.All(Enumerable.Range(0, 20), second =>
            Assert.InRange(Starts(7, simulation).Count(start => start >= second * Second && start < (second + 1) * Second), 0, 51));
    }

    [Fact]
    public void No_steady_rate_loses_or_gains_an_invocation() =>
        Prop.ForAll(
            (from rate in Gen.Choose(0, 5_000)
             from intervalMs in Gen.Choose(1, 60_000)
             from duringMs in Gen.Choose(1, 20_000)
             select (rate, intervalMs, duringMs)).ToArbitrary(),
            at =>
            {
                var starts = Starts(Simulation.Inject(at.rate, TimeSpan.FromMilliseconds(at.intervalMs), TimeSpan.FromMilliseconds(at.duringMs)));
                var due = (long)at.rate * at.duringMs;
                // The first is due at the very beginning, so a part of one at the end counts.
                return starts.Count == (due + at.intervalMs - 1) / at.intervalMs && starts.TrueForAll(start => start <= TimeSpan.FromMilliseconds(at.duringMs));
            }).Check(Config.QuickThrowOnFailure.WithMaxTest(60));

    [Fact]
    public void A_simulation_that_makes_no_sense_is_refused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => Simulation.Inject(-1, Second, Second));
        Assert.Throws<ArgumentOutOfRangeException>(() => Simulation.Inject(1, TimeSpan.Zero, Second));
        Assert.Throws<ArgumentOutOfRangeException>(() => Simulation.RampingInject(1, Second, TimeSpan.Zero));
        Assert.Throws<ArgumentOutOfRangeException>(() => Simulation.InjectRandom(5, 4, Second, Second));
    }

    private static List<TimeSpan> Starts(params LoadSimulation[] simulations) => Starts(1, simulations);

    private static List<TimeSpan> Starts(int seed, params LoadSimulation[] simulations)
    {
        using var schedule = StartSchedule.Of(simulations, new Random(seed));
        var starts = new List<TimeSpan>();
        for (; schedule.TryPeek(out var due); schedule.Take())
            starts.Add(due);
        return starts;
    }
}
