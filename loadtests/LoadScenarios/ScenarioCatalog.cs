using LoadScenarios.Shipping;
using LoadTesting;
using Settings;

namespace LoadScenarios;

/// <summary>The scenarios that there are, by name.</summary>
public static class ScenarioCatalog
{
    /// <summary>Their names.</summary>
    public static IReadOnlyList<string> Names { get; } = [IngestScenario.Name];

    /// <summary>Everything that runs under a name.</summary>
    /// <exception cref="SetupException">There is no such scenario, or its settings cannot be met.</exception>
    public static ScenarioProps[] Create(string name, LoadOptions options, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(options);
        return name switch
        {
            IngestScenario.Name => [IngestScenario.Create(options, options.Ingest.Rate, options.Thresholds, time)],
            _ => throw new SetupException(
                $"there is no scenario '{name}'{(NearName.Of(name, Names) is { } near ? $"; did you mean '{near}'?" : ".")} The scenarios are {string.Join(", ", Names)}."),
        };
    }
}
