using System.Globalization;
using TestKit;
using Xunit.Abstractions;

namespace EndToEnd;

/// <summary>What the system keeps in memory while something it writes to is away and records go on coming. Long: <c>STREAMS_LONG=1</c>.</summary>
public sealed class OutageMemoryTests(ITestOutputHelper output)
{
    // More than a garbage collector's whims, and less than the bytes of the half outage's 600,000 records, which as objects are ten times that.
    private const double GrowthMaxMb = 50;

    [SkippableTheory]
    [InlineData("elasticsearch")]
    [InlineData("fluentd")]
    public async Task Memory_is_flat_while_a_sink_is_away_under_load(string sink)
    {
        Skip.If(Environment.GetEnvironmentVariable("STREAMS_LONG") != "1", "long: set STREAMS_LONG=1");
        Skip.IfNot(sink == "fluentd" || RealElasticsearch.OwnMissing is null, RealElasticsearch.OwnMissing);
        await using var system = new LiveSystem();
        await using var elasticsearch = sink == "elasticsearch" ? await RealElasticsearch.StartOwnAsync() : null;

        // Nothing listens at Fluentd's port.
        var up = await system.UpAsync(["--no-samples", .. elasticsearch is null ? (string[])["--fluentd", "127.0.0.1:1"] : ["--elasticsearch", elasticsearch.Url]]);
        if (elasticsearch is not null)
            await elasticsearch.KillAsync();

        var load = system.Start(
        [
            "load", "ingest", "--rate", "8000", "--duration", "150s", "--no-verify", "--threshold", "p99<60s",
            "--gateway", $"http://127.0.0.1:{7070 + system.PortOffset}", "--monitor", system.MonitorUrl,
        ]);
        var exit = load.ExitsAsync(TimeSpan.FromMinutes(6));
        var memory = new List<double>();
        using (var timer = new PeriodicTimer(TimeSpan.FromSeconds(1)))
        {
            while (!exit.IsCompleted)
            {
                memory.Add(ResidentMb(up.Id));
                await timer.WaitForNextTickAsync();
            }
        }

        // Buffers fill in the first half: 64 MiB of what is read ahead, 32 MiB for Fluentd.
        var half = memory.Count / 2;
        var (before, after) = (memory[..half].Max(), memory[half..].Max());
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{sink}: {before:N0} MB at most in the first half, {after:N0} MB in the second, {memory.Count} looks"));
        Assert.True(await exit == 0, $"{load}");
        Assert.InRange(after, 0, before + GrowthMaxMb);
        system.SaidNoStackTrace();
    }

    // Linux says it in pages of the machine's size or in kB; kB is what everyone can read.
    private static double ResidentMb(int process) => double.Parse(
        File.ReadLines($"/proc/{process}/status").Single(line => line.StartsWith("VmRSS:", StringComparison.Ordinal)).Split(' ', StringSplitOptions.RemoveEmptyEntries)[^2],
        CultureInfo.InvariantCulture) / 1024;
}
