using System.Text.Json;
using Streams.Contracts.V1;
using TestKit;

namespace EndToEnd;

/// <summary>The whole system with a real Elasticsearch as its log store.</summary>
public sealed class ElasticsearchTests
{
    [SkippableFact]
    public async Task Every_line_is_stored_once_though_Elasticsearch_is_killed_and_the_rest_goes_on_without_it()
    {
        Skip.IfNot(RealElasticsearch.OwnMissing is null, RealElasticsearch.OwnMissing);
        await using var elasticsearch = await RealElasticsearch.StartOwnAsync();
        await using var system = new LiveSystem();
        string[] files = [.. Enumerable.Range(1, 3).Select(n => Path.Combine(system.Logs, $"app-{n}.log"))];
        foreach (var file in files)
            LogFiles.Append(file, from: 1, count: 4_000);
        var up = await system.UpAsync("--no-samples", "--elasticsearch", elasticsearch.Url, "--tail", Path.Combine(system.Logs, "*.log"));
        await system.StoresAsync("Request 1 of app-1.log");

        // Killed as soon as the first lines are through, with the rest on their way.
        await elasticsearch.KillAsync();
        foreach (var file in files)
            LogFiles.Append(file, from: 4_001, count: 4_000);
        var tail = system.StartClient("tail", "--output", "json");
        var knocks = 0;
        await Eventually.HoldsAsync(
            async () =>
            {
                await File.AppendAllTextAsync(files[0], $"knock {++knocks}\n");
                return tail.Output.Count > 0;
            },
            "tail showed a line while the store was away",
            tail.ToString);
        Assert.NotEmpty(await system.NodesAsync());
        var search = system.StartClient("logs");
        Assert.NotEqual(0, await search.ExitsAsync());
        Assert.Contains(search.Errors, line => line.Contains("log store does not answer", StringComparison.Ordinal));

        await MonitorIsAsync(system, "503 not ready\nelasticsearch: ");

        await elasticsearch.StartAgainAsync();
        await MonitorIsAsync(system, "200 ready");
        var last = files.Select(file => LogFiles.Append(file, from: 8_001, count: 10)).ToList();
        foreach (var line in last)
            await system.StoresAsync(line);

        var stored = await system.LogsAsync();
        LogFiles.AreStoredExactlyOnce(files, stored);
        Assert.Equal(files.Sum(file => LogFiles.Lines(file).Count()), stored.Count);
        var worrying = stored.Count(log => log.Record.Severity >= Severity.Warn);
        await Eventually.HoldsAsync(
            async () => (await system.AlertsAsync("--all")).Count(alert => alert.Kind == AlertKind.Log) == worrying,
            $"{worrying} alerts were stored",
            up.ToString,
            Eventually.Seldom);

        // By Elasticsearch's own count.
        Assert.Equal(stored.Count - worrying, await CountAsync(elasticsearch, "logs-info-*"));
        Assert.Equal(worrying, await CountAsync(elasticsearch, "logs-alert-*"));
        Assert.True(await CountAsync(elasticsearch, "heartbeats-*") > 0, "No heartbeat was stored.");
        Assert.True(await CountAsync(elasticsearch, "node-events-*") > 0, "No change of a node was stored.");
        system.SaidNoStackTrace();
    }

    [Fact]
    public async Task Without_Elasticsearch_at_the_start_the_system_says_so_and_runs_and_stops()
    {
        await using var system = new LiveSystem();
        var up = await system.UpAsync("--no-samples", "--elasticsearch", "http://127.0.0.1:1");

        await up.SaysAsync("Elasticsearch cannot be used yet: GET http://127.0.0.1:1/ got no answer: Connection refused");
        await MonitorIsAsync(system, "503 not ready\nelasticsearch: GET http://127.0.0.1:1/ got no answer");
        await Eventually.HoldsAsync(
            async () => (await system.NodesAsync()).Any(node => node.State is NodeState.Up), "this machine was up", up.ToString);
        StreamsProcess.Signal("INT", up.Id);

        Assert.Equal(0, await up.ExitsAsync());
        system.SaidNoStackTrace();
    }

    private static async Task MonitorIsAsync(LiveSystem system, string expected)
    {
        using var browser = new HttpClient();
        var said = "";
        await Eventually.HoldsAsync(
            async () =>
            {
                using var answer = await browser.GetAsync($"http://127.0.0.1:{9471 + system.PortOffset}/readyz");
                said = $"{(int)answer.StatusCode} {await answer.Content.ReadAsStringAsync()}";
                return said.StartsWith(expected, StringComparison.Ordinal);
            },
            $"the monitor said '{expected}'",
            () => said);
    }

    private static async Task<long> CountAsync(RealElasticsearch elasticsearch, string indexes)
    {
        using var http = new HttpClient();
        (await http.PostAsync($"{elasticsearch.Url}/{indexes}/_refresh", null)).EnsureSuccessStatusCode();
        using var answer = JsonDocument.Parse(await http.GetStringAsync($"{elasticsearch.Url}/{indexes}/_count"));
        return answer.RootElement.GetProperty("count").GetInt64();
    }
}
