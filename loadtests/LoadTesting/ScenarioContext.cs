using LoadTesting.Running;
using LoadTesting.Statistics;

namespace LoadTesting;

/// <summary>One invocation of a scenario.</summary>
public sealed class ScenarioContext
{
    private readonly ScenarioRun _run;
    private Random? _random;

    internal ScenarioContext(ScenarioRun run, long invocationNumber, TimeSpan intendedStart, bool isWarmUp) =>
        (_run, InvocationNumber, IntendedStart, IsWarmUp) = (run, invocationNumber, intendedStart, isWarmUp);

    /// <summary>The scenario's name.</summary>
    public string ScenarioName => _run.Name;

    /// <summary>0 for the first invocation of the scenario, one more for each after it, in the order in which they are due.</summary>
    public long InvocationNumber { get; }

    /// <summary>When this invocation was due, since the run began. Its latency counts from here.</summary>
    public TimeSpan IntendedStart { get; }

    /// <summary>True where nothing of this invocation is counted.</summary>
    public bool IsWarmUp { get; }

    /// <summary>Random numbers of this invocation alone: the same seed and number give the same ones.</summary>
    public Random Random => _random ??= _run.RandomFor(InvocationNumber);

    /// <summary>The run's clock.</summary>
    public TimeProvider Time => _run.Time;

    /// <summary>Cancelled when the time for ending is over.</summary>
    public CancellationToken CancellationToken => _run.Cancelled;

    /// <summary>Ends the whole run as failed: going on would measure nothing of use.</summary>
    public void StopTest(string reason) => _run.StopTest(reason);

    internal Task InvokeAsync() => _run.InvokeAsync(this);

    internal void RecordStep(string name, Response response, TimeSpan latency)
    {
        if (!IsWarmUp)
            _run.RecordStep(name, response, latency);
    }
}

/// <summary>A scenario before its load and after it.</summary>
public sealed class ScenarioInitContext
{
    private readonly ScenarioRun _run;

    internal ScenarioInitContext(ScenarioRun run, CancellationToken cancellation) => (_run, CancellationToken) = (run, cancellation);

    /// <summary>The scenario's name.</summary>
    public string ScenarioName => _run.Name;

    /// <summary>The run's seed.</summary>
    public int Seed => _run.Seed;

    /// <summary>The run's clock.</summary>
    public TimeProvider Time => _run.Time;

    /// <summary>Cancelled when the run is stopped.</summary>
    public CancellationToken CancellationToken { get; }

    /// <summary>What was measured so far; after the load, all of it.</summary>
    public ScenarioStats Stats => _run.Read(isFinal: true);

    /// <summary>Shows a metric of the scenario's own in progress and reports, and lets thresholds ask for it.</summary>
    public void RegisterMetric(Metric metric)
    {
        ArgumentNullException.ThrowIfNull(metric);
        _run.Register(metric);
    }

    /// <summary>Says what is being done, where that takes a while.</summary>
    public void Report(string activity) => _run.Activity = activity;
}
