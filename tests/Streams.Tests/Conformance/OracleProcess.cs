using System.Diagnostics;

namespace Streams.Tests.Conformance;

/// <summary>Apache Kafka Streams in a process of its own, answering scenarios over its standard input. Started when first asked for.</summary>
public sealed class OracleProcess : IAsyncLifetime
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    private Process? _process;

    private Process Running => _process ?? throw new InvalidOperationException("The oracle was not started.");

    public void Start(string folder)
    {
        if (_process is not null)
            return;

        var start = new ProcessStartInfo(Path.Combine(folder, "streams-peer"), "serve") { RedirectStandardInput = true, RedirectStandardOutput = true };
        start.Environment["STREAMS_PEER_HEAP"] = "384m";
        _process = Process.Start(start) ?? throw new InvalidOperationException("The oracle did not start.");
    }

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task<List<string>> AskAsync(IEnumerable<string> lines)
    {
        using var limit = new CancellationTokenSource(Limit);
        foreach (var line in lines)
            await Running.StandardInput.WriteLineAsync(line.AsMemory(), limit.Token);
        await Running.StandardInput.WriteLineAsync("end".AsMemory(), limit.Token);
        await Running.StandardInput.FlushAsync(limit.Token);

        var answer = new List<string>();
        while (await Running.StandardOutput.ReadLineAsync(limit.Token) is { } line && line != "end")
            answer.Add(line);
        return answer;
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
}
