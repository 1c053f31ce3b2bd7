using System.Diagnostics;

namespace TestKit;

/// <summary>The OpenTelemetry Collector in a process of its own: nobody here wrote the other end.</summary>
public sealed class RealCollector : IDisposable
{
    private readonly Process _process;

    private RealCollector(Process process) => _process = process;

    /// <summary>Why there is no Collector to test with; null where there is one.</summary>
    public static string? Missing => Script is null ? "no ../shared/otelcol/otelcol beside the repository (or STREAMS_SHARED/otelcol/otelcol)" : null;

    /// <summary>Where real systems' log files are, for it to read.</summary>
    public static string LogFiles => Path.GetFullPath(Path.Combine(Path.GetDirectoryName(Script)!, "..", "logs"));

    private static string? Script { get; } = SharedPrograms.Find("otelcol", "otelcol");

    /// <summary>Starts it.</summary>
    /// <param name="configuration">A file of its folder <c>configs</c>.</param>
    /// <param name="variables">What that file's head asks for.</param>
    public static RealCollector Start(string configuration, params ReadOnlySpan<(string Name, string Value)> variables)
    {
        var start = new ProcessStartInfo(Script!, ["--config", Path.Combine(Path.GetDirectoryName(Script)!, "configs", configuration)]);
        foreach (var (name, value) in variables)
            start.Environment[name] = value;
        return new RealCollector(Process.Start(start)!);
    }

    /// <summary>Ends it as an operator would, so that it writes what it has.</summary>
    public async Task StopAsync(CancellationToken limit)
    {
        using var terminate = Process.Start("kill", ["-TERM", $"{_process.Id}"]);
        await _process.WaitForExitAsync(limit);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (!_process.HasExited)
            _process.Kill(entireProcessTree: true);
        _process.Dispose();
    }
}
