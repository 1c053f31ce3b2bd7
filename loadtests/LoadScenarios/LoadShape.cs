using LoadTesting.Simulations;

namespace LoadScenarios;

/// <summary>How the load of our scenarios goes over time.</summary>
internal static class LoadShape
{
    /// <summary>A steady rate all the time.</summary>
    public static LoadSimulation[] Steady(int rate, TimeSpan interval, LoadOptions options) => [Simulation.Inject(rate, interval, options.Duration)];

    /// <summary>A steady rate, after a ramp where one is asked for.</summary>
    /// <param name="rate">Invocations an interval.</param>
    /// <param name="interval">The interval.</param>
    /// <param name="options">The settings.</param>
    public static LoadSimulation[] Of(int rate, TimeSpan interval, LoadOptions options)
    {
        var steady = options.Duration - options.Ramp;
        return
        [
            .. options.Ramp > TimeSpan.Zero ? [Simulation.RampingInject(rate, interval, options.Ramp)] : Array.Empty<LoadSimulation>(),
            .. steady > TimeSpan.Zero ? [Simulation.Inject(rate, interval, steady)] : Array.Empty<LoadSimulation>(),
        ];
    }
}
