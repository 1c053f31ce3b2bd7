namespace LoadTesting.Statistics;

/// <summary>What was measured of a scenario.</summary>
public sealed record ScenarioStats : MeasurementStats
{
    /// <summary>How long the measured part took: as planned, or until the last invocation ended where that was later.</summary>
    public required TimeSpan Duration { get; init; }

    /// <summary>Its simulations, in words.</summary>
    public required IReadOnlyList<string> LoadSimulations { get; init; }

    /// <summary>How it was set.</summary>
    public required IReadOnlyDictionary<string, string> Settings { get; init; }

    /// <summary>Invocations that were due in the measured part until now.</summary>
    public required long Due { get; init; }

    /// <summary>Invocations under way now.</summary>
    public required int InFlight { get; init; }

    /// <summary>How late invocations began, for reasons of the load program's own: part of their latency, and a sign of a busy machine where it is long.</summary>
    public required LatencyStats StartDelay { get; init; }

    /// <summary>Its steps, by name.</summary>
    public required IReadOnlyList<MeasurementStats> Steps { get; init; }

    /// <summary>Its own metrics, by name.</summary>
    public required IReadOnlyList<MetricStats> Metrics { get; init; }

    /// <summary>What happened when: one point an interval.</summary>
    public required IReadOnlyList<SeriesPoint> Series { get; init; }

    /// <summary>Its thresholds, judged; empty until the end.</summary>
    public required IReadOnlyList<ThresholdResult> Thresholds { get; init; }

    /// <summary>The exception of <see cref="ScenarioProps.WithVerify"/> or <see cref="ScenarioProps.WithClean"/>, in a sentence; null where there was none.</summary>
    public string? Fault { get; init; }

    /// <summary>What <see cref="ScenarioInitContext.Report"/> said last; null where nothing.</summary>
    public string? Activity { get; init; }

    /// <summary>True where all thresholds held and nothing went wrong.</summary>
    public bool Passed => Fault is null && Thresholds.All(threshold => threshold.Passed);
}

/// <summary>A metric of the scenario's own.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Unit">What it counts or measures.</param>
/// <param name="Value">Its value; null where it was never set.</param>
public sealed record MetricStats(string Name, string Unit, double? Value);

/// <summary>What ended in one interval.</summary>
/// <param name="Seconds">The interval's end, from the beginning of the measured part.</param>
/// <param name="OkCount">What went well.</param>
/// <param name="FailCount">What failed.</param>
/// <param name="OkPerSecond">What went well, a second.</param>
/// <param name="FailPerSecond">What failed, a second.</param>
/// <param name="BytesPerSecond">What was transferred, a second.</param>
/// <param name="P50Ms">Latency of what went well, in milliseconds; null where nothing did.</param>
/// <param name="P95Ms">As before.</param>
/// <param name="P99Ms">As before.</param>
/// <param name="MaxMs">As before.</param>
/// <param name="InFlight">Invocations under way at its end.</param>
public sealed record SeriesPoint(
    double Seconds,
    long OkCount,
    long FailCount,
    double OkPerSecond,
    double FailPerSecond,
    double BytesPerSecond,
    double? P50Ms,
    double? P95Ms,
    double? P99Ms,
    double? MaxMs,
    int InFlight);

/// <summary>A threshold, judged.</summary>
/// <param name="Text">What was asked for.</param>
/// <param name="Passed">Whether it held.</param>
/// <param name="Actual">What was measured, in words; empty where the threshold is a function of the program's.</param>
public sealed record ThresholdResult(string Text, bool Passed, string Actual);
