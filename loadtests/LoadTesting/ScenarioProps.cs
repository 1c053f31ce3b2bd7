using LoadTesting.Simulations;

namespace LoadTesting;

/// <summary>A scenario with everything that is said about it. Each <c>With</c> gives a changed copy.</summary>
public sealed record ScenarioProps
{
    internal ScenarioProps(string name, Func<ScenarioContext, Task<Response>> run)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        ArgumentNullException.ThrowIfNull(run);
        (Name, Run) = (name, run);
    }

    /// <summary>What reports call it.</summary>
    public string Name { get; }

    internal Func<ScenarioContext, Task<Response>> Run { get; }

    internal Func<ScenarioInitContext, Task>? Init { get; private init; }

    internal Func<ScenarioInitContext, Task>? Verify { get; private init; }

    internal Func<ScenarioInitContext, Task>? Clean { get; private init; }

    internal TimeSpan WarmUpDuration { get; private init; } = TimeSpan.Zero;

    internal TimeSpan CompletionTimeout { get; private init; } = TimeSpan.FromSeconds(30);

    internal int MaxInFlight { get; private init; } = 10_000;

    internal IReadOnlyList<LoadSimulation> LoadSimulations { get; private init; } =
        [Simulation.Inject(rate: 1, interval: TimeSpan.FromSeconds(1), during: TimeSpan.FromMinutes(1))];

    internal IReadOnlyList<Threshold> Thresholds { get; private init; } = [];

    internal IReadOnlyList<KeyValuePair<string, string>> Settings { get; private init; } = [];

    /// <summary>Runs once before the load. An exception ends the run before it began.</summary>
    public ScenarioProps WithInit(Func<ScenarioInitContext, Task> init) => this with { Init = init };

    /// <summary>
    /// Runs once after the last invocation has ended and before thresholds are judged: counts what arrived, sets metrics. Left out when the run was
    /// stopped early. An exception fails the run.
    /// </summary>
    public ScenarioProps WithVerify(Func<ScenarioInitContext, Task> verify) => this with { Verify = verify };

    /// <summary>Runs once at the end, however the run ended, where <see cref="WithInit"/> had succeeded.</summary>
    public ScenarioProps WithClean(Func<ScenarioInitContext, Task> clean) => this with { Clean = clean };

    /// <summary>Load at the first simulation's rate before the measured part; its invocations count nowhere. Default: none.</summary>
    public ScenarioProps WithWarmUpDuration(TimeSpan duration)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(duration, TimeSpan.Zero);
        return this with { WarmUpDuration = duration };
    }

    /// <summary>No warm-up, as is the default.</summary>
    public ScenarioProps WithoutWarmUp() => this with { WarmUpDuration = TimeSpan.Zero };

    /// <summary>When invocations start: one simulation after the other.</summary>
    public ScenarioProps WithLoadSimulations(params LoadSimulation[] simulations)
    {
        ArgumentNullException.ThrowIfNull(simulations);
        if (simulations.Length == 0)
            throw new ArgumentException("A scenario needs at least one simulation.", nameof(simulations));
        return this with { LoadSimulations = [.. simulations] };
    }

    /// <summary>
    /// Most invocations under way at once. One that is due at the bound is not started and counts as a failure with the status
    /// <see cref="ScenarioStatus.NotStarted"/>: the load is never slowed down unsaid. Default 10,000.
    /// </summary>
    public ScenarioProps WithMaxInFlight(int invocations)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(invocations, 1);
        return this with { MaxInFlight = invocations };
    }

    /// <summary>
    /// Time that invocations get to end after the last one began. What has not ended then is cancelled and counts as a failure with the status
    /// <see cref="ScenarioStatus.Unfinished"/>. Default 30 s; at most 5 s when the run is stopped.
    /// </summary>
    public ScenarioProps WithCompletionTimeout(TimeSpan timeout)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(timeout, TimeSpan.Zero);
        return this with { CompletionTimeout = timeout };
    }

    /// <summary>What decides whether the run has passed; all must hold. Default: none.</summary>
    public ScenarioProps WithThresholds(params Threshold[] thresholds)
    {
        ArgumentNullException.ThrowIfNull(thresholds);
        return this with { Thresholds = [.. thresholds] };
    }

    /// <summary>What reports show of how the scenario was set.</summary>
    public ScenarioProps WithSettings(params KeyValuePair<string, string>[] settings)
    {
        ArgumentNullException.ThrowIfNull(settings);
        return this with { Settings = [.. settings] };
    }
}

/// <summary>Statuses that the runner itself gives.</summary>
public static class ScenarioStatus
{
    /// <summary>The bound of invocations under way was reached when this one was due.</summary>
    public const string NotStarted = "not-started";

    /// <summary>It had not ended when the time for that was over.</summary>
    public const string Unfinished = "unfinished";
}
