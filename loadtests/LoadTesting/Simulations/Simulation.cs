namespace LoadTesting.Simulations;

/// <summary>Ways of putting load on a system. All are open: invocations begin when they are due, whether or not earlier ones have ended.</summary>
public static class Simulation
{
    /// <summary>A steady rate: <paramref name="rate"/> invocations an interval, evenly spread over it.</summary>
    public static LoadSimulation Inject(int rate, TimeSpan interval, TimeSpan during) => new InjectSimulation(rate, interval, during);

    /// <summary>A rate that goes evenly from where the simulation before it ended (0 for the first) to <paramref name="rate"/> an interval.</summary>
    public static LoadSimulation RampingInject(int rate, TimeSpan interval, TimeSpan during) => new RampingInjectSimulation(rate, interval, during);

    /// <summary>A rate drawn anew for each interval, from <paramref name="minRate"/> to <paramref name="maxRate"/>, by the run's seed.</summary>
    public static LoadSimulation InjectRandom(int minRate, int maxRate, TimeSpan interval, TimeSpan during) =>
        new InjectRandomSimulation(minRate, maxRate, interval, during);

    /// <summary>No invocations.</summary>
    public static LoadSimulation Pause(TimeSpan during) => new PauseSimulation(during);

    private static void Check(int rate, TimeSpan interval)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(rate);
        if (interval <= TimeSpan.Zero)
            throw new ArgumentOutOfRangeException(nameof(interval), interval, "The interval that a rate is for lasts some time.");
    }

    private sealed record InjectSimulation : LoadSimulation
    {
        private readonly int _rate;
        private readonly TimeSpan _interval;

        public InjectSimulation(int rate, TimeSpan interval, TimeSpan during)
            : base(during)
        {
            Check(rate, interval);
            (_rate, _interval) = (rate, interval);
        }

        internal override Rate WarmUpRate => Rate.Of(_rate, _interval);

        public override string ToString() => $"inject {_rate} each {Text(_interval)} for {Text(During)}";

        internal override IEnumerable<RateStretch> Stretches(Rate before, Random random) => [new(During, WarmUpRate, WarmUpRate)];
    }

    private sealed record RampingInjectSimulation : LoadSimulation
    {
        private readonly int _rate;
        private readonly TimeSpan _interval;

        public RampingInjectSimulation(int rate, TimeSpan interval, TimeSpan during)
            : base(during)
        {
            Check(rate, interval);
            (_rate, _interval) = (rate, interval);
        }

        internal override Rate WarmUpRate => Rate.Of(_rate, _interval);

        public override string ToString() => $"ramp to {_rate} each {Text(_interval)} over {Text(During)}";

        internal override IEnumerable<RateStretch> Stretches(Rate before, Random random) => [new(During, before, Rate.Of(_rate, _interval))];
    }

    private sealed record InjectRandomSimulation : LoadSimulation
    {
        private readonly int _min;
        private readonly int _max;
        private readonly TimeSpan _interval;

        public InjectRandomSimulation(int min, int max, TimeSpan interval, TimeSpan during)
            : base(during)
        {
            Check(min, interval);
            ArgumentOutOfRangeException.ThrowIfLessThan(max, min);
            (_min, _max, _interval) = (min, max, interval);
        }

        internal override Rate WarmUpRate => new((_min + _max) / 2.0 / _interval.TotalSeconds);

        public override string ToString() => $"inject {_min} to {_max} each {Text(_interval)} for {Text(During)}";

        internal override IEnumerable<RateStretch> Stretches(Rate before, Random random)
        {
            for (var left = During; left > TimeSpan.Zero; left -= _interval)
            {
                var rate = Rate.Of(random.Next(_min, _max + 1), _interval);
                yield return new(left < _interval ? left : _interval, rate, rate);
            }
        }
    }

    private sealed record PauseSimulation : LoadSimulation
    {
        public PauseSimulation(TimeSpan during)
            : base(during)
        {
        }

        internal override Rate WarmUpRate => default;

        public override string ToString() => $"pause for {Text(During)}";

        internal override IEnumerable<RateStretch> Stretches(Rate before, Random random) => [new(During, default, default)];
    }
}
