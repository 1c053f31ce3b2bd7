using System.Text.RegularExpressions;
using Google.Protobuf;
using Streams.Contracts.V1;
using TestKit;

namespace EndToEnd;

/// <summary>One <c>streams up</c> with a folder and ports of its own, and what a user does with it.</summary>
internal sealed partial class LiveSystem : IAsyncDisposable
{
    private static readonly int[] _ports = [7070, 7071, 8080, 9090, 9092, 9470, 9471, 9472, 9473, 9474];

    private readonly TempDirectory _folder = new();
    private readonly List<StreamsProcess> _processes = [];

    public LiveSystem()
    {
        Directory.CreateDirectory(Logs);
        PortOffset = FreeOffset();
    }

    public int PortOffset { get; }

    public string Folder => _folder.Path;

    /// <summary>Files that <c>up</c> may be told to tail.</summary>
    public string Logs => _folder.Combine("logs");

    public string Data => _folder.Combine("data");

    public string MonitorUrl => $"http://127.0.0.1:{7071 + PortOffset}";

    /// <summary>The latest <c>up</c>.</summary>
    public StreamsProcess? LatestUp { get; private set; }

    /// <summary>Starts <c>up</c> and waits until it is ready.</summary>
    public async Task<StreamsProcess> UpAsync(params string[] arguments)
    {
        var up = StartUp(arguments);
        await up.SaysAsync("ready: gateway");
        return up;
    }

    public StreamsProcess StartUp(params string[] arguments) => LatestUp = Start(
        ["up", "--data", Data, "--port-offset", $"{PortOffset}", .. arguments],
        new Dictionary<string, string> { ["STREAMS__Agent__HeartbeatInterval"] = "500ms" });

    /// <summary>Starts any command with this system's folder as the current one.</summary>
    public StreamsProcess Start(IEnumerable<string> arguments, IReadOnlyDictionary<string, string>? environment = null)
    {
        var process = StreamsProcess.Start(arguments, Folder, environment);
        _processes.Add(process);
        return process;
    }

    /// <summary>Starts a client command that asks this system's monitor.</summary>
    public StreamsProcess StartClient(params string[] arguments) => Start([.. arguments, "--monitor", MonitorUrl]);

    /// <summary>Runs a client command to its end and reads its JSON lines.</summary>
    public async Task<IReadOnlyList<T>> AskAsync<T>(MessageParser<T> parser, params string[] arguments)
        where T : IMessage<T>
    {
        using var client = StreamsProcess.Start([.. arguments, "--monitor", MonitorUrl, "--output", "json"], Folder);
        var exitCode = await client.ExitsAsync();
        Assert.True(exitCode == 0, $"'{string.Join(' ', arguments)}' ended with {exitCode}.{Environment.NewLine}{client}");
        return [.. client.Output.Select(parser.ParseJson)];
    }

    public Task<IReadOnlyList<StoredLog>> LogsAsync(params string[] arguments) => AskAsync(StoredLog.Parser, ["logs", .. arguments]);

    public Task<IReadOnlyList<Alert>> AlertsAsync(params string[] arguments) => AskAsync(Alert.Parser, ["alerts", .. arguments]);

    public Task<IReadOnlyList<Node>> NodesAsync() => AskAsync(Node.Parser, "nodes");

    /// <summary>Waits until a search for a line finds it. Lines of a file are stored in order, so those before it are stored too.</summary>
    public async Task StoresAsync(string line) => await Eventually.HoldsAsync(
        async () => (await LogsAsync("--text", line, "--limit", "1")).Count == 1,
        $"'{line}' was stored",
        () => $"{LatestUp}");

    /// <summary>Nothing that this system has said or logged is a stack trace.</summary>
    public void SaidNoStackTrace()
    {
        var said = _processes.SelectMany(process => process.Output.Concat(process.Errors));
        // Of parts that run by themselves there are no log files.
        var logs = Path.Combine(Data, "logs");
        var logged = Directory.Exists(logs) ? Directory.EnumerateFiles(logs).SelectMany(File.ReadLines) : [];
        var trace = said.Concat(logged).FirstOrDefault(line => StackTraceLine().IsMatch(line));
        Assert.True(trace is null, $"A stack trace: {trace}");
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var process in _processes)
            process.Dispose();

        // Services that a killed 'up' left behind end by themselves, and write into the folder until they have.
        await Eventually.HoldsAsync(() => Task.FromResult(!RunningProcess.All().Any(p => p.CommandLine.Contains(Folder, StringComparison.Ordinal))), "every service had ended");
        _folder.Dispose();
    }

    private static int FreeOffset()
    {
        while (true)
        {
            var offset = Random.Shared.Next(1_000, 20_000);
            if (_ports.All(port => UnusedPort.IsUnused(port + offset)))
                return offset;
        }
    }

    [GeneratedRegex(@"^\s+at [\w.<>`+\[\],]+\(")]
    private static partial Regex StackTraceLine();
}
