namespace Streams.Oracle;

/// <summary>A scenario asks for what does not exist; the driver is left as it was.</summary>
internal sealed class ScenarioException(string message) : Exception(message);
