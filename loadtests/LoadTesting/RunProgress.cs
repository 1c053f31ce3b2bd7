using LoadTesting.Statistics;

namespace LoadTesting;

/// <summary>What a run is doing.</summary>
public enum RunPhase
{
    /// <summary>Scenarios prepare.</summary>
    Init,

    /// <summary>Load is put on the target.</summary>
    Load,

    /// <summary>No more invocations begin; those under way end.</summary>
    Drain,

    /// <summary>Scenarios look at what came of it.</summary>
    Verify,

    /// <summary>Scenarios clean up.</summary>
    Clean,
}

/// <summary>How a run stands.</summary>
/// <param name="Name">What it is called.</param>
/// <param name="Phase">What it is doing.</param>
/// <param name="Elapsed">Time under load.</param>
/// <param name="Planned">Time under load that is planned.</param>
/// <param name="Scenarios">What was measured so far.</param>
public sealed record RunProgress(string Name, RunPhase Phase, TimeSpan Elapsed, TimeSpan Planned, IReadOnlyList<ScenarioStats> Scenarios);
