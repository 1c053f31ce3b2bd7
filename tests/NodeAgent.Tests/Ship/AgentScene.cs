using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using TestKit;

namespace NodeAgent.Tests.Ship;

/// <summary>A whole agent, on the real clock, shipping to gateways of the test's own.</summary>
internal sealed class AgentScene : IAsyncDisposable
{
    private readonly TempDirectory _root = new();
    private IHost? _host;

    public AgentScene(params string[] gateways)
    {
        Logs = Directory.CreateDirectory(_root.Combine("logs")).FullName;
        Options = new AgentOptions
        {
            NodeId = "n1",
            Gateways = gateways,
            Tail = [Path.Combine(Logs, "*.log")],
            DataDirectory = _root.Combine("queue"),
            DrainTimeout = TimeSpan.FromSeconds(20),
            Admin = { Port = 0 },
            Read = new() { PartialLineTimeout = TimeSpan.FromMilliseconds(50), ScanInterval = TimeSpan.FromMilliseconds(50) },
            Ship = new() { RetryDelayMin = TimeSpan.FromMilliseconds(10), RetryDelayMax = TimeSpan.FromMilliseconds(50), Seed = 1 },
        };
    }

    public string Logs { get; }

    public AgentOptions Options { get; }

    public RecordingLoggerProvider Log { get; } = new();

    public void Append(string name, params string[] lines) => File.AppendAllLines(Path.Combine(Logs, name), lines);

    public async Task StartAsync()
    {
        _host = AgentHost.Build(Options, logging => logging.AddProvider(Log), TimeProvider.System);
        await _host.StartAsync();
    }

    public async Task StopAsync()
    {
        if (_host is null)
            return;
        await _host.StopAsync();
        _host.Dispose();
        _host = null;
    }

    public async ValueTask DisposeAsync()
    {
        Options.DrainTimeout = TimeSpan.Zero;
        await StopAsync();
        _root.Dispose();
    }
}
