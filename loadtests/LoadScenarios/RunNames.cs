using System.Globalization;

namespace LoadScenarios;

/// <summary>
/// What agents and nodes are called: of each run differently. Two runs on one system then do not take each other's records for their own, and nodes that
/// come and go from run to run are not taken for flapping.
/// </summary>
internal static class RunNames
{
    /// <summary>What tells a run that begins now from any other.</summary>
    public static string New(TimeProvider time) => time.GetUtcNow().ToUnixTimeMilliseconds().ToString("x", CultureInfo.InvariantCulture);

    /// <summary>The name of a run's agent, counted from 1.</summary>
    public static string Agent(string run, int number) => string.Create(CultureInfo.InvariantCulture, $"load-agent-{run}-{number:0000}");

    /// <summary>The name of a run's node, counted from 1.</summary>
    public static string Node(string run, int number) => string.Create(CultureInfo.InvariantCulture, $"load-node-{run}-{number:00000}");
}
