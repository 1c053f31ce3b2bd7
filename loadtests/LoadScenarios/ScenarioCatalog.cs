using LoadScenarios.Heartbeats;
using LoadScenarios.Queries;
using LoadScenarios.Shipping;
using LoadTesting;
using Settings;

namespace LoadScenarios;

/// <summary>The scenarios that there are, by name.</summary>
public static class ScenarioCatalog
{
    /// <summary>Their names.</summary>
    public static IReadOnlyList<string> Names { get; } = [IngestScenario.Name, HeartbeatScenario.Name, QueryScenario.Name];

    /// <summary>Everything that runs under a name.</summary>
    /// <exception cref="SetupException">There is no such scenario, or its settings cannot be met.</exception>
    public static ScenarioProps[] Create(string name, LoadOptions options, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(time);
        var run = RunNames.New(time);
        return name switch
        {
            IngestScenario.Name => [IngestScenario.Create(options, options.Ingest.Rate, run, options.Thresholds, time)],
            HeartbeatScenario.Name => [HeartbeatScenario.Create(options, options.Heartbeats.Nodes, run, options.Thresholds, time)],
            QueryScenario.Name =>
            [
                // What is asked about goes on meanwhile, under its own default thresholds.
                HeartbeatScenario.Create(options, options.Queries.Nodes, run, [], time),
                .. options.Queries.IngestRate == 0 ? [] : new[] { IngestScenario.Create(options, options.Queries.IngestRate, run, [], time) },
                QueryScenario.Create(options, run, time),
            ],
            _ => throw new SetupException(
                $"there is no scenario '{name}'{(NearName.Of(name, Names) is { } near ? $"; did you mean '{near}'?" : ".")} The scenarios are {string.Join(", ", Names)}."),
        };
    }
}
