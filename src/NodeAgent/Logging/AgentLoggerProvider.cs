using Microsoft.Extensions.Logging;

namespace NodeAgent.Logging;

/// <summary>Sends what a service logs through the agent's disk queue.</summary>
[ProviderAlias("NodeAgent")]
internal sealed class AgentLoggerProvider(LogIntake intake, AgentOptions options, TimeProvider time) : ILoggerProvider
{
    private readonly string _service = options.Service ?? (options.Services is [var only] ? only : options.NodeId);

    // The agent's own messages are about the very queue they would go through: each could cause the next.
    public ILogger CreateLogger(string categoryName) =>
        categoryName.StartsWith("NodeAgent", StringComparison.Ordinal)
            ? Microsoft.Extensions.Logging.Abstractions.NullLogger.Instance
            : new AgentLogger(categoryName, _service, intake, options, time);

    public void Dispose()
    {
    }
}
