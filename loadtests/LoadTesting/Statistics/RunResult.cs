namespace LoadTesting.Statistics;

/// <summary>How a run ended.</summary>
public enum RunEnd
{
    /// <summary>As planned.</summary>
    Completed,

    /// <summary>It was told to stop.</summary>
    Stopped,

    /// <summary>A scenario ended it.</summary>
    Aborted,
}

/// <summary>A run, measured and judged.</summary>
public sealed record RunResult
{
    /// <summary>What it is called.</summary>
    public required string Name { get; init; }

    /// <summary>When it began.</summary>
    public required DateTimeOffset Started { get; init; }

    /// <summary>How it ended.</summary>
    public required RunEnd Ended { get; init; }

    /// <summary>Why a scenario ended it; null where none did.</summary>
    public string? Reason { get; init; }

    /// <summary>What all that was left to chance followed from.</summary>
    public required int Seed { get; init; }

    /// <summary>The scenarios, as they were registered.</summary>
    public required IReadOnlyList<ScenarioStats> Scenarios { get; init; }

    /// <summary>Where it ran.</summary>
    public required RunEnvironment Environment { get; init; }

    /// <summary>What the load program itself used.</summary>
    public required GeneratorStats Generator { get; init; }

    /// <summary>The reports that were written.</summary>
    public IReadOnlyList<string> ReportFiles { get; init; } = [];

    /// <summary>Why reports could not be written after all; null where they could, or were not asked for.</summary>
    public string? ReportFault { get; init; }

    /// <summary>True where it ended as planned, all thresholds held and nothing went wrong.</summary>
    public bool Passed => Ended is RunEnd.Completed && Scenarios.All(scenario => scenario.Passed);

    /// <summary>Why it has not passed, a sentence each; empty where it has. Of a stopped run that is all there is to say: half of its thresholds were never measured.</summary>
    public IReadOnlyList<string> Failures => Ended is RunEnd.Stopped ? ["It was stopped before its time."] :
    [
        .. Reason is null ? [] : new[] { Reason },
        .. from scenario in Scenarios
           from failure in scenario.Thresholds.Where(threshold => !threshold.Passed).Select(Describe).Append(scenario.Fault)
           where failure is not null
           select $"{scenario.Name}: {failure}",
    ];

    /// <summary>The scenario of that name.</summary>
    /// <exception cref="ArgumentException">There is none.</exception>
    public ScenarioStats Get(string scenario) => Scenarios.FirstOrDefault(stats => stats.Name == scenario)
        ?? throw new ArgumentException($"No scenario is called '{scenario}'; there are {string.Join(", ", Scenarios.Select(stats => stats.Name))}.", nameof(scenario));

    private static string Describe(ThresholdResult threshold) =>
        threshold.Actual.Length == 0 ? $"{threshold.Text} did not hold" : $"{threshold.Text} did not hold: {threshold.Actual}";
}
