using System.Diagnostics;
using Streams.Contracts.V1;

namespace EndToEnd;

/// <summary>Files → agent → gRPC → gateway → Kafka → topology → alerts and log store, every hop real.</summary>
public sealed class PipelineTests
{
    [Fact]
    public async Task Every_line_of_every_file_is_stored_once_alerted_on_and_found()
    {
        await using var system = new LiveSystem();
        string[] files = [.. Enumerable.Range(1, 3).Select(n => Path.Combine(system.Logs, $"app-{n}.log"))];
        foreach (var file in files)
            LogFiles.Append(file, from: 1, count: 1_500);
        await system.UpAsync("--no-samples", "--tail", Path.Combine(system.Logs, "*.log"));

        await HoldsForAsync(system, files, ["took 30 ms", "REQUEST 1499 of APP-2", "[worker-3]", "no such text", "WARN"]);

        system.SaidNoStackTrace();
    }

    [SkippableFact]
    public async Task Every_line_of_the_real_logs_is_stored_once_alerted_on_and_found()
    {
        var samples = SharedLogs();
        Skip.If(samples is null, "There are no real logs beside this repository.");
        await using var system = new LiveSystem();
        string[] files = [.. Directory.EnumerateFiles(samples, "*.log")];
        await system.UpAsync("--no-samples", "--tail", Path.Combine(samples, "*.log"));

        await HoldsForAsync(system, files, ["exception", "Failed password for", "10.251.", "PacketResponder", "(root)", "error:", "100%"]);

        system.SaidNoStackTrace();
    }

    [Fact]
    public async Task A_line_that_is_appended_shows_in_tail_and_a_rotated_file_goes_on()
    {
        await using var system = new LiveSystem();
        var file = Path.Combine(system.Logs, "app.log");
        LogFiles.Append(file, from: 1, count: 10);
        await system.UpAsync("--no-samples", "--tail", Path.Combine(system.Logs, "*.log"));
        var tail = system.StartClient("tail", "--output", "json");

        // Nothing tells when the tail is listening, so knock until it answers.
        var knocks = 0;
        await Eventually.HoldsAsync(
            async () =>
            {
                await File.AppendAllTextAsync(file, $"knock {++knocks}\n");
                return tail.Output.Count > 0;
            },
            "tail showed anything",
            tail.ToString);
        await File.AppendAllTextAsync(file, "ERROR the kettle is off\n");
        var shown = LogRecord.Parser.ParseJson(await tail.SaysAsync("the kettle is off"));

        Assert.Equal((file, Severity.Error), (shown.Source, shown.Severity));

        File.Move(file, file + ".1");
        await File.WriteAllTextAsync(file, "WARN a new kettle\n");

        await tail.SaysAsync("a new kettle");
        system.SaidNoStackTrace();
    }

    [Fact]
    public async Task Commands_that_share_an_output_file_write_one_after_the_other()
    {
        await using var system = new LiveSystem();
        var file = Path.Combine(system.Logs, "app.log");
        await File.WriteAllTextAsync(file, "ERROR the kettle is off\n");
        await system.UpAsync("--no-samples", "--tail", file);
        await system.StoresAsync("the kettle is off");

        var ask = $"dotnet {StreamsProcess.Program} logs --monitor {system.MonitorUrl}";
        using var shell = Process.Start("bash", ["-c", $"cd {system.Folder}; {{ echo first; {ask}; {ask}; echo last; }} > shared; {ask} > /dev/full 2> full"]);
        await shell.WaitForExitAsync();

        var lines = await File.ReadAllLinesAsync(Path.Combine(system.Folder, "shared"));
        Assert.Equal(["first", "ERROR the kettle is off", "ERROR the kettle is off", "last"], lines.Select(line => line[Math.Max(0, line.IndexOf("ERROR the", StringComparison.Ordinal))..]));
        Assert.Equal("streams: cannot write to standard output: No space left on device.", (await File.ReadAllTextAsync(Path.Combine(system.Folder, "full"))).Trim());
    }

    private static async Task HoldsForAsync(LiveSystem system, string[] files, string[] searches)
    {
        var lines = files.Sum(file => LogFiles.Lines(file).Count());
        IReadOnlyList<StoredLog> stored = [];
        await Eventually.HoldsAsync(
            async () => (stored = await system.LogsAsync()).Count >= lines,
            $"{lines} lines were stored",
            () => $"{stored.Count} are.{Environment.NewLine}{system.LatestUp}",
            Eventually.Seldom);
        LogFiles.AreStoredExactlyOnce(files, stored);
        Assert.Equal(lines, stored.Count);

        var worrying = stored.Where(log => log.Record.Severity >= Severity.Warn).Select(log => Place(log.Record)).ToHashSet();
        Assert.NotEmpty(worrying);
        HashSet<string> alerted = [];
        await Eventually.HoldsAsync(
            async () => (alerted = [.. (await system.AlertsAsync("--all")).Where(alert => alert.Log is not null).Select(alert => Place(alert.Log))]).Count >= worrying.Count,
            $"{worrying.Count} alerts were raised",
            () => $"{alerted.Count} are.{Environment.NewLine}{system.LatestUp}",
            Eventually.Seldom);
        Assert.Equal(worrying.Order(StringComparer.Ordinal), alerted.Order(StringComparer.Ordinal));

        foreach (var text in searches)
        {
            var expected = files.SelectMany(LogFiles.Lines).Where(line => Greps(line, text)).Order(StringComparer.Ordinal);
            var found = await system.LogsAsync("--search", text);
            Assert.Equal(expected, found.Select(log => log.Record.Message).Order(StringComparer.Ordinal));
        }
    }

    // grep -i -F, for the ASCII texts searched for here.
    private static bool Greps(string line, string text) => line.Contains(text, StringComparison.OrdinalIgnoreCase);

    private static string Place(LogRecord record) => $"{record.NodeId}:{record.Position.Epoch}:{record.Position.Sequence}";

    private static string? SharedLogs()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            var logs = Path.Combine(folder.FullName, "shared", "logs");
            if (Directory.Exists(logs) && Directory.EnumerateFiles(logs, "*.log").Any())
                return logs;
        }

        return null;
    }
}
