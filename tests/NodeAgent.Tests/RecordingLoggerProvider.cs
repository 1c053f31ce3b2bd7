using Microsoft.Extensions.Logging;

namespace NodeAgent.Tests;

/// <summary>Keeps what any category logged.</summary>
internal sealed class RecordingLoggerProvider : ILoggerProvider
{
    private readonly RecordingLogger<RecordingLoggerProvider> _log = new();

    public IReadOnlyList<string> Warnings => [.. _log.Warnings];

    public IReadOnlyList<string> Messages => [.. _log.Entries.Select(entry => entry.Message)];

    public ILogger CreateLogger(string categoryName) => _log;

    public void Dispose()
    {
    }
}
