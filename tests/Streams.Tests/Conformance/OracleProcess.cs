using System.Diagnostics;

namespace Streams.Tests.Conformance;

/// <summary>Apache Kafka Streams in a process of its own, answering scenarios over its standard input. Started when first asked.</summary>
/// <remarks>One process serves a whole run: starting Java takes longer than a hundred scenarios.</remarks>
public sealed class OracleProcess : IAsyncLifetime
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(2);

    private Process? _process;

    /// <summary>The folder of the oracle; null where there is none beside the repository.</summary>
    public static string? Folder { get; } = Find();

    private static bool HasJava { get; } =
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Any(folder => File.Exists(Path.Combine(folder, "java")));

    /// <summary>Skips a test where the oracle cannot run, saying what is missing.</summary>
    public static void SkipIfMissing()
    {
        SkipIfFolderMissing();
        Skip.IfNot(HasJava, "no java on this machine");
    }

    /// <summary>Skips a test where the oracle's recorded scenarios are not there.</summary>
    public static void SkipIfFolderMissing() =>
        Skip.If(Folder is null, "no ../shared/kafka-streams beside the repository (or STREAMS_SHARED/kafka-streams)");

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task<List<string>> AskAsync(IEnumerable<string> lines)
    {
        var process = _process ??= Start();
        using var limit = new CancellationTokenSource(Limit);
        var answer = new List<string>();
        var reading = ReadAsync();

        // A long answer begins before the question is over: whoever only writes would wait for whoever only writes.
        foreach (var line in lines)
            await process.StandardInput.WriteLineAsync(line.AsMemory(), limit.Token);
        await process.StandardInput.WriteLineAsync("end".AsMemory(), limit.Token);
        await process.StandardInput.FlushAsync(limit.Token);
        await reading;
        return answer;

        async Task ReadAsync()
        {
            while (await process.StandardOutput.ReadLineAsync(limit.Token) is { } line && line != "end")
                answer.Add(line);
        }
    }

    public async Task DisposeAsync()
    {
        if (_process is null)
            return;

        _process.StandardInput.Close();
        using var limit = new CancellationTokenSource(Limit);
        await _process.WaitForExitAsync(limit.Token);
        _process.Dispose();
    }

    private static Process Start()
    {
        var start = new ProcessStartInfo(Path.Combine(Folder!, "streams-peer"), "serve") { RedirectStandardInput = true, RedirectStandardOutput = true };
        start.Environment["STREAMS_PEER_HEAP"] = "512m";
        return Process.Start(start) ?? throw new InvalidOperationException("The oracle did not start.");
    }

    private static string? Find()
    {
        var given = Environment.GetEnvironmentVariable("STREAMS_SHARED");
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (!File.Exists(Path.Combine(folder.FullName, "Streams.sln")))
                continue;

            var oracle = Path.Combine(given ?? Path.Combine(folder.FullName, "..", "shared"), "kafka-streams");
            return Directory.Exists(oracle) ? Path.GetFullPath(oracle) : null;
        }

        return null;
    }
}

[CollectionDefinition(Name)]
public sealed class OracleCollection : ICollectionFixture<OracleProcess>
{
    public const string Name = "Oracle";
}
