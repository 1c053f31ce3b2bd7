namespace LoadTesting;

/// <summary>The start of a scenario: what one user, agent or caller does, again and again.</summary>
public static class Scenario
{
    /// <summary>Makes a scenario of one function. It runs for a minute at one invocation a second unless <see cref="ScenarioProps.WithLoadSimulations"/> says otherwise.</summary>
    /// <param name="name">What reports call it.</param>
    /// <param name="run">
    /// One invocation. Many run at once, so what they share must bear that. An exception counts as a failure under its type's name.
    /// </param>
    public static ScenarioProps Create(string name, Func<ScenarioContext, Task<Response>> run) => new(name, run);
}
