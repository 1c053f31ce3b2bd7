using System.Text.Json;

namespace EndToEnd;

/// <summary><c>streams load</c> against a whole <c>streams up</c>.</summary>
public sealed class LoadTests
{
    [Fact]
    public async Task Every_record_of_a_short_load_is_acknowledged_found_and_reported()
    {
        await using var system = new LiveSystem();
        await system.UpAsync("--no-samples");
        var report = Path.Combine(system.Folder, "report");

        // How fast this machine is at this moment is not what is tested.
        var load = Load(system, "ingest", "--rate", "2000", "--duration", "3s", "--warm-up", "1s", "--agents", "10", "--threshold", "p99<60s", "--report", report);
        var exitCode = await load.ExitsAsync();

        Assert.True(exitCode == 0, $"{load}");
        Assert.Contains(load.Output, line => line == "load test ingest: PASSED");
        using var json = JsonDocument.Parse(await File.ReadAllTextAsync(Path.Combine(report, "report.json")));
        var ingest = json.RootElement.GetProperty("scenarios")[0];
        Assert.Equal((60, 60), (ingest.GetProperty("due").GetInt32(), ingest.GetProperty("ok").GetProperty("count").GetInt32()));
        Assert.Equal((6_000, 8_000, 0, 0), (Metric(ingest, "records"), Metric(ingest, "records_stored"), Metric(ingest, "records_missing"), Metric(ingest, "records_repeated")));
        Assert.True(File.Exists(Path.Combine(report, "report.html")));
        system.SaidNoStackTrace();
    }

    [Fact]
    public async Task Nodes_that_beat_are_up_and_queries_of_every_kind_are_answered_meanwhile()
    {
        await using var system = new LiveSystem();
        await system.UpAsync("--no-samples");
        var report = Path.Combine(system.Folder, "report");

        // The thresholds of what runs beside the queries hold on a quiet machine; here it is looked at what was answered, and found.
        var load = Load(system, "queries", "--rate", "20", "--ingest-rate", "500", "--nodes", "20", "--duration", "5s", "--warm-up", "1s", "--report", report);
        await load.ExitsAsync();

        Assert.True(File.Exists(Path.Combine(report, "report.json")), $"{load}");
        using var json = JsonDocument.Parse(await File.ReadAllTextAsync(Path.Combine(report, "report.json")));
        var scenarios = json.RootElement.GetProperty("scenarios").EnumerateArray().ToDictionary(scenario => scenario.GetProperty("name").GetString()!);
        Assert.Equal((20, 0), (Metric(scenarios["heartbeats"], "nodes_up"), Metric(scenarios["heartbeats"], "nodes_not_up")));
        Assert.Equal((0, 0), (Metric(scenarios["ingest"], "records_missing"), Metric(scenarios["ingest"], "records_repeated")));
        Assert.Equal(
            ["get-node", "heartbeat-windows", "list-alerts", "list-nodes", "search-node", "search-text"],
            scenarios["queries"].GetProperty("steps").EnumerateArray().Select(step => step.GetProperty("name").GetString()));
        Assert.Equal((100, 0), (scenarios["queries"].GetProperty("ok").GetProperty("count").GetInt32(), scenarios["queries"].GetProperty("fail").GetProperty("count").GetInt32()));
        Assert.InRange(Metric(scenarios["queries"], "rows"), 100, int.MaxValue);
        system.SaidNoStackTrace();
    }

    [Fact]
    public async Task A_system_that_dies_under_load_is_failures_by_status_and_a_report()
    {
        await using var system = new LiveSystem();
        var up = await system.UpAsync("--no-samples");
        var report = Path.Combine(system.Folder, "report");
        var load = Load(system, "ingest", "--rate", "1000", "--duration", "8s", "--warm-up", "0s", "--agents", "10", "--report", report);
        await load.SaysAsync("under load: ingest");

        await up.KillAsync();
        var exitCode = await load.ExitsAsync();

        Assert.Equal(1, exitCode);
        Assert.Contains(load.Errors, line => line.StartsWith("streams: ingest: errors < 0.1 % did not hold: ", StringComparison.Ordinal));
        using var json = JsonDocument.Parse(await File.ReadAllTextAsync(Path.Combine(report, "report.json")));
        var fail = json.RootElement.GetProperty("scenarios")[0].GetProperty("fail");
        Assert.Contains(fail.GetProperty("statuses").EnumerateArray(), status => status.GetProperty("status").GetString() == "Unavailable");
        system.SaidNoStackTrace();
    }

    [Fact]
    public async Task Ctrl_C_reports_what_was_measured()
    {
        await using var system = new LiveSystem();
        await system.UpAsync("--no-samples");
        var report = Path.Combine(system.Folder, "report");
        var load = Load(system, "ingest", "--rate", "500", "--duration", "10m", "--warm-up", "0s", "--agents", "5", "--report", report);
        await load.SaysAsync("under load: ingest");

        StreamsProcess.Signal("INT", load.Id);
        var exitCode = await load.ExitsAsync();

        Assert.Equal(130, exitCode);
        Assert.Contains("load test ingest: STOPPED", load.Output);
        using var json = JsonDocument.Parse(await File.ReadAllTextAsync(Path.Combine(report, "report.json")));
        Assert.Equal(("stopped", false), (json.RootElement.GetProperty("ended").GetString(), json.RootElement.GetProperty("passed").GetBoolean()));
        system.SaidNoStackTrace();
    }

    [Fact]
    public async Task What_cannot_work_is_said_before_anything_starts()
    {
        await using var system = new LiveSystem();
        var file = Path.Combine(system.Folder, "file");
        await File.WriteAllTextAsync(file, "");

        var noGateway = Load(system, "ingest", "--no-verify");
        var noMonitor = Load(system, "ingest");
        var noFolder = Load(system, "ingest", "--report", Path.Combine(file, "report"));

        Assert.Equal((1, 1, 2), (await noGateway.ExitsAsync(), await noMonitor.ExitsAsync(), await noFolder.ExitsAsync()));
        Assert.StartsWith($"streams: no gateway answers at http://127.0.0.1:{7070 + system.PortOffset}/", noGateway.Errors[^1], StringComparison.Ordinal);
        Assert.StartsWith($"streams: no monitor answers at {system.MonitorUrl}/", noMonitor.Errors[^1], StringComparison.Ordinal);
        Assert.StartsWith($"streams: Reports cannot be written to {file}/report: ", noFolder.Errors[^1], StringComparison.Ordinal);
        system.SaidNoStackTrace();
    }

    private static StreamsProcess Load(LiveSystem system, params string[] arguments) => system.Start(
        ["load", .. arguments, "--gateway", $"http://127.0.0.1:{7070 + system.PortOffset}", "--monitor", system.MonitorUrl]);

    private static int Metric(JsonElement scenario, string name) =>
        scenario.GetProperty("metrics").EnumerateArray().Single(metric => metric.GetProperty("name").GetString() == name).GetProperty("value").GetInt32();
}
