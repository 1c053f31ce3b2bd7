namespace LoadTesting;

/// <summary>A scenario could not prepare itself; no load was put on anything.</summary>
public sealed class ScenarioInitException(string scenario, Exception inner)
    : Exception($"Scenario '{scenario}' could not start: {inner.Message}", inner)
{
    /// <summary>The scenario.</summary>
    public string Scenario { get; } = scenario;
}
