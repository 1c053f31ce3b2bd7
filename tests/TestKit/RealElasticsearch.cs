using System.Diagnostics;

namespace TestKit;

/// <summary>
/// A real Elasticsearch: the one that <c>ELASTICSEARCH_URL</c> names, or one in a process of its own where this machine has it.
/// </summary>
public sealed class RealElasticsearch : IAsyncDisposable
{
    // Where other work keeps the machine busy, its own two minutes may not do for a start.
    private const int Starts = 3;

    private static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(180);

    private readonly TempDirectory? _folder;
    private readonly int _port;
    private readonly string[] _settings;

    private RealElasticsearch(TempDirectory? folder, int port, string url, string[] settings) =>
        (_folder, _port, Url, _settings) = (folder, port, url, settings);

    /// <summary>Why there is no Elasticsearch to test with; null where there is one.</summary>
    public static string? Missing => Given is null && Script is null
        ? "no ELASTICSEARCH_URL, and no ../shared/elasticsearch/elasticsearch beside the repository (or STREAMS_SHARED/elasticsearch/elasticsearch)"
        : null;

    /// <summary>Why there is no Elasticsearch that a test may kill; null where there is one.</summary>
    public static string? OwnMissing => Script is null ? "no ../shared/elasticsearch/elasticsearch beside the repository (or STREAMS_SHARED/elasticsearch/elasticsearch)" : null;

    public string Url { get; }

    private static string? Given { get; } = Environment.GetEnvironmentVariable("ELASTICSEARCH_URL") is { Length: > 0 } url ? url : null;

    private static string? Script { get; } = SharedPrograms.Find("elasticsearch", "elasticsearch");

    /// <summary>The server that is there, or a new one.</summary>
    public static async Task<RealElasticsearch> StartAsync() => Given is { } url ? new(null, 0, url, []) : await StartOwnAsync();

    /// <summary>A server that nobody else uses.</summary>
    /// <param name="arguments">Further arguments for its script.</param>
    public static async Task<RealElasticsearch> StartOwnAsync(params string[] arguments)
    {
        // Elasticsearch takes its port and the one 100 above it.
        var port = UnusedPort.TakeWith(100);
        var server = new RealElasticsearch(new(), port, $"http://127.0.0.1:{port}", arguments);
        try
        {
            await server.StartAgainAsync();
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    /// <summary>Starts it on the folder and the port that it had before.</summary>
    public async Task StartAgainAsync()
    {
        for (var start = 1; ; start++)
        {
            try
            {
                await RunAsync(["start", "--data", _folder!.Path, "--port", $"{_port}", "--heap", "256m", "--quick", .. _settings]);
                return;
            }
            catch (InvalidOperationException) when (start < Starts)
            {
                await KillAsync();
            }
        }
    }

    /// <summary>Stops it as SIGKILL does.</summary>
    public Task KillAsync() => RunAsync("stop", "--data", _folder!.Path, "--kill");

    public async ValueTask DisposeAsync()
    {
        if (_folder is null)
            return;

        await KillAsync();
        _folder.Dispose();
    }

    private async Task RunAsync(params string[] arguments)
    {
        // The server inherits no pipe of ours: it would keep it open for as long as it runs.
        var output = Path.GetTempFileName();
        var start = new ProcessStartInfo("/bin/sh") { ArgumentList = { "-c", "exec \"$0\" \"$@\" >\"$ELASTICSEARCH_OUT\" 2>&1 </dev/null", Script! } };
        start.Environment["ELASTICSEARCH_OUT"] = output;
        foreach (var argument in arguments)
            start.ArgumentList.Add(argument);

        using var process = Process.Start(start) ?? throw new InvalidOperationException($"{Script} did not start.");
        using var limit = new CancellationTokenSource(StartLimit);
        await process.WaitForExitAsync(limit.Token);
        var said = await File.ReadAllTextAsync(output);
        File.Delete(output);
        if (process.ExitCode != 0)
            throw new InvalidOperationException($"elasticsearch {string.Join(' ', arguments)} failed: {said}");
    }
}
