using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using TestKit;

namespace Gateway.Tests.Forwarding;

/// <summary>The OpenTelemetry Collector in a process of its own: nobody here wrote the other end.</summary>
internal sealed class Collector : IDisposable
{
    private readonly Process _process;

    private Collector(Process process) => _process = process;

    /// <summary>Skips the test where the Collector is not beside the repository.</summary>
    public static void SkipWithout() => Skip.IfNot(
        File.Exists(RepositoryFiles.Collector), "There is no OpenTelemetry Collector in ../shared/otelcol, so nothing was seen against it.");

    public static Collector Start(string configuration, params (string Name, string Value)[] variables)
    {
        var start = new ProcessStartInfo(RepositoryFiles.Collector, ["--config", RepositoryFiles.Path("..", "shared", "otelcol", "configs", configuration)]);
        foreach (var (name, value) in variables)
            start.Environment[name] = value;
        return new Collector(Process.Start(start)!);
    }

    public static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    /// <summary>Ends it as an operator would, so that it writes what it has.</summary>
    public async Task StopAsync(CancellationToken limit)
    {
        using var kill = Process.Start("kill", ["-TERM", $"{_process.Id}"]);
        await _process.WaitForExitAsync(limit);
    }

    public void Dispose()
    {
        if (!_process.HasExited)
            _process.Kill(entireProcessTree: true);
        _process.Dispose();
    }
}

/// <summary>The Collector's forward receiver as the other end.</summary>
public sealed class CollectorForwardTests
{
    [SkippableFact]
    public async Task The_Collector_acknowledges_every_chunk_and_has_every_line_in_its_file()
    {
        Collector.SkipWithout();
        const int records = 5_000;
        using var folder = new TempDirectory();
        var (port, file) = (Collector.FreePort(), folder.Combine("out.json"));
        using var collector = Collector.Start("forward-file.yaml", ("FORWARD_PORT", $"{port}"), ("OUT", file));
        await using var bench = await ForwardingTests.StartAsync(port, f =>
        {
            f.Delivery = Gateway.Forwarding.ForwardDelivery.Required;
            f.ChunkBytesMax = 32 << 10;
        }, o => o.AcknowledgeTimeout = TimeSpan.FromMinutes(2));
        using var meter = new SinkMeter(bench);
        using var agent = await bench.OpenAsync("web-1", epoch: 3);

        for (var batch = 0; batch < 10; batch++)
            await agent.SendAsync((ulong)(batch * records / 10 + 1), records / 10);
        for (var batch = 1; batch <= 10; batch++)
            Assert.Equal((ulong)(batch * records / 10), (await agent.AckAsync()).ThroughSequence);
        await collector.StopAsync(bench.Limit);

        Assert.Equal((records, 0L, 0L), ((int)meter["acknowledged"], meter["dropped"], meter["resent"]));
        var written = await File.ReadAllTextAsync(file, bench.Limit);
        Assert.All(Enumerable.Range(1, records), n => Assert.Contains($"\"web-1:3:{n}\"", written, StringComparison.Ordinal));
    }
}
