using System.Diagnostics;

namespace TestKit;

/// <summary>A real Apache Kafka in a process of its own, on free ports, where this machine has one.</summary>
public sealed class RealKafka : IAsyncDisposable
{
    private const long Day = 24 * 60 * 60 * 1_000;
    private const int StartsMax = 3;

    private static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(150);

    private readonly TempDirectory _folder = new();
    private readonly string _script;

    // Kafka takes its port and the one 1,000 above it.
    private RealKafka(string script) => (_script, Port) = (script, UnusedPort.TakeWith(1_000));

    /// <summary>Why there is no Kafka to test with; null where there is one.</summary>
    public static string? Missing => Script is null ? "no ../shared/kafka/kafka beside the repository (or STREAMS_SHARED/kafka/kafka)" : null;

    public int Port { get; }

    /// <summary><c>host:port</c>; the same after a restart.</summary>
    public string BootstrapServers => $"127.0.0.1:{Port}";

    /// <summary>One that has a folder and ports, and does not run yet.</summary>
    public static RealKafka Stopped() => new(Script ?? throw new InvalidOperationException(Missing));

    public static async Task<RealKafka> StartAsync()
    {
        var kafka = Stopped();
        try
        {
            await kafka.StartAgainAsync();
            return kafka;
        }
        catch
        {
            await kafka.DisposeAsync();
            throw;
        }
    }

    /// <summary>Starts it on the folder and the port it had before. Its retention never looks at what a test wrote.</summary>
    /// <remarks>
    /// Records of tests carry times of 1970. Half a minute after its start, a broker would delete them as older than their topic's
    /// retention, and a slow machine takes longer than that for a test. Of topics that are compacted as well, as changelogs of windows are,
    /// the cleaner deletes them, which looks every 15 seconds.
    /// </remarks>
    public async Task StartAgainAsync()
    {
        for (var left = StartsMax - 1; ; left--)
        {
            try
            {
                await RunAsync(
                    "start", "--data", _folder.Path, "--port", $"{Port}", "--heap", "384m",
                    "--set", $"log.initial.task.delay.ms={Day}", "--set", $"log.cleaner.backoff.ms={Day}");
                return;
            }
            catch (InvalidOperationException) when (left > 0)
            {
                // The script gives a busy machine a minute. Asked again, it waits on for the node that is starting.
            }
        }
    }

    /// <summary>Stops it as SIGTERM does.</summary>
    public Task StopAsync() => RunAsync("stop", "--data", _folder.Path);

    /// <summary>Stops it as SIGKILL does.</summary>
    public Task KillAsync() => RunAsync("stop", "--data", _folder.Path, "--kill");

    public async ValueTask DisposeAsync()
    {
        await KillAsync();
        _folder.Dispose();
    }

    private static string? Script { get; } = SharedPrograms.Find("kafka", "kafka");

    private async Task RunAsync(params string[] arguments)
    {
        // The node inherits no pipe of ours: it would keep it open for as long as it runs.
        var start = new ProcessStartInfo("/bin/sh") { ArgumentList = { "-c", "exec \"$0\" \"$@\" >\"$KAFKA_OUT\" 2>&1 </dev/null", _script } };
        var output = _folder.Combine("script.out");
        start.Environment["KAFKA_OUT"] = output;
        foreach (var argument in arguments)
            start.ArgumentList.Add(argument);

        using var process = Process.Start(start) ?? throw new InvalidOperationException($"{_script} did not start.");
        using var limit = new CancellationTokenSource(StartLimit);
        await process.WaitForExitAsync(limit.Token);
        if (process.ExitCode != 0)
            throw new InvalidOperationException($"kafka {string.Join(' ', arguments)} failed: {await File.ReadAllTextAsync(output)}");
    }
}
