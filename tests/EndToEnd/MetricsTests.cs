using System.Diagnostics;
using System.Text.RegularExpressions;
using TestKit;

namespace EndToEnd;

/// <summary>What the parts of a running system export, before those who read it: Prometheus, the dashboards, the rules, the documentation.</summary>
public sealed partial class MetricsTests
{
    private static readonly (string Part, int Port)[] Admins = [("gateway", 9470), ("monitor", 9471), ("agent", 9472), ("broker", 9473), ("console", 9474)];

    // Names that .NET gives, which are not ours to mend.
    private static readonly string[] Platform = ["dotnet_", "http_", "kestrel_", "aspnetcore_", "dns_", "process_"];

    [SkippableFact]
    public async Task Prometheus_scrapes_every_part_and_whatever_is_asked_of_them_is_there()
    {
        Skip.If(Prometheus.Missing is not null, Prometheus.Missing);
        var repository = Repository();
        await using var system = new LiveSystem();
        var file = Path.Combine(system.Logs, "app.log");
        await system.UpAsync("--no-samples", "--tail", Path.Combine(system.Logs, "*.log"));
        using var prometheus = Prometheus.Start(system, repository);
        LogFiles.Append(file, from: 1, count: 500);

        await Eventually.HoldsAsync(
            async () => (await prometheus.TargetsAsync()).SequenceEqual(Admins.Select(admin => $"{admin.Part} up").Order(StringComparer.Ordinal)),
            "every target was up",
            () => string.Join(Environment.NewLine, prometheus.TargetsAsync().GetAwaiter().GetResult()),
            Eventually.Seldom);
        // A call that has ended: the agent's streams last.
        await system.NodesAsync();
        (string Expression, Func<double?, bool> Suits)[] asked =
        [
            ("sum(streams_monitor_store_records_total{result=\"added\"})", value => value >= 500),
            ("count(streams_heartbeat_last_seen_timestamp_seconds)", value => value >= 1),
            ("count(grpc_server_handling_seconds_count)", value => value >= 1),
            ("count(streams_kafka_broker_rtt_seconds)", value => value >= 1),
            // Of what has an end: heartbeats go on, and whoever stores them commits only now and then.
            ("sum(streams_kafka_consumer_lag{topic=\"logs\"})", value => value == 0),
        ];
        var answers = "";
        await Eventually.HoldsAsync(
            async () =>
            {
                var values = await Task.WhenAll(asked.Select(question => prometheus.AskAsync(question.Expression)));
                answers = string.Join(Environment.NewLine, asked.Zip(values, (question, value) => $"{question.Expression} is {value}"));
                return asked.Zip(values, (question, value) => question.Suits(value)).All(suits => suits);
            },
            "the records were counted where they are stored, and nothing was behind",
            () => $"{answers}{Environment.NewLine}{system.LatestUp}",
            Eventually.Seldom);

        var scrapes = await ScrapeAsync(system);
        Assert.All(scrapes, scrape => Assert.Empty(Complaints(scrape.File)));
        var exported = Exported(scrapes.Select(scrape => scrape.File));
        Assert.Empty(exported.Except(Documented(repository).Select(row => row.Metric)));
        Assert.Empty(Documented(repository).Where(row => row.IsAlwaysThere).Select(row => row.Metric).Except(exported));
        VerifyDashboardsAndRules(repository, scrapes.Select(scrape => scrape.File));
    }

    [Fact]
    public async Task Each_part_is_ready_and_alive_once_up_says_so()
    {
        await using var system = new LiveSystem();
        await system.UpAsync("--no-samples");
        using var browser = new HttpClient();

        foreach (var (part, port) in Admins)
        {
            var address = $"http://127.0.0.1:{port + system.PortOffset}";
            Assert.Equal("alive\n", await browser.GetStringAsync($"{address}/healthz"));
            string? said = null;
            await Eventually.HoldsAsync(
                async () => (said = await (await browser.GetAsync($"{address}/readyz")).Content.ReadAsStringAsync()) == "ready\n",
                $"the {part} was ready",
                () => $"{said}");
        }
    }

    private static async Task<IReadOnlyList<(string Part, string File)>> ScrapeAsync(LiveSystem system)
    {
        using var browser = new HttpClient();
        var scrapes = new List<(string, string)>();
        foreach (var (part, port) in Admins)
        {
            var file = Path.Combine(system.Folder, $"{part}.txt");
            await File.WriteAllTextAsync(file, await browser.GetStringAsync($"http://127.0.0.1:{port + system.PortOffset}/metrics"));
            scrapes.Add((part, file));
        }

        return scrapes;
    }

    /// <summary>What promtool has to say about names that are ours.</summary>
    private static string[] Complaints(string file)
    {
        var (_, said) = Run("/bin/sh", ["-c", $"promtool check metrics < '{file}'"]);
        return [.. said.Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Where(line => !Platform.Any(prefix => line.StartsWith(prefix, StringComparison.Ordinal)))];
    }

    private static void VerifyDashboardsAndRules(string repository, IEnumerable<string> scrapes)
    {
        var verifier = SharedPrograms.Find("verify", "dash_verify.py");
        if (verifier is null || Run("/usr/bin/python3", ["-c", "import yaml"]).ExitCode != 0)
            return;

        var deploy = Path.Combine(repository, "deploy");
        var (exitCode, said) = Run("/usr/bin/python3",
        [
            verifier, Path.Combine(deploy, "grafana"), Path.Combine(deploy, "prometheus", "rules.yml"), Path.Combine(deploy, "prometheus", "prometheus.yml"),
            // Fluentd's own, and what is exported where the monitor writes to Elasticsearch, or the gateway to Fluentd.
            "--external", "fluentd_|streams_monitor_sink_|streams_gateway_sink_(queue_(bytes|capacity)|connect)", "--runbooks", Path.Combine(repository, "docs", "runbooks"),
            "--test-rules", Path.Combine(deploy, "prometheus", "rules_test.yml"), .. scrapes.SelectMany(file => (string[])["--metrics", file]),
        ]);
        Assert.True(exitCode == 0, said);

        // Its warnings about metrics repeat promtool's.
        Assert.DoesNotContain(said.Split('\n'), line => line.Contains("WARN", StringComparison.Ordinal) && !line.Contains("METRICS", StringComparison.Ordinal));
    }

    private static string[] Exported(IEnumerable<string> scrapes) =>
        [.. scrapes.SelectMany(File.ReadLines).Select(line => TypeLine().Match(line)).Where(type => type.Success)
            .Select(type => $"{type.Groups["name"].Value} {type.Groups["type"].Value}").Distinct().Order(StringComparer.Ordinal)];

    private static (string Metric, bool IsAlwaysThere)[] Documented(string repository) =>
        [.. TableRow().Matches(File.ReadAllText(Path.Combine(repository, "docs", "metrics.md")))
            .Select(row => ($"{row.Groups["name"].Value} {row.Groups["type"].Value}", !row.Value.Contains("Not there", StringComparison.Ordinal)))];

    private static (int ExitCode, string Said) Run(string program, IEnumerable<string> arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var errors = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output + errors.Result);
    }

    private static string Repository()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "Streams.sln")))
            folder = folder.Parent ?? throw new InvalidOperationException("The tests must run inside the repository.");
        return folder.FullName;
    }

    // What .NET exports is described by .NET.
    [GeneratedRegex(@"^# TYPE (?<name>(streams|grpc)_\w+) (?<type>\w+)$")]
    private static partial Regex TypeLine();

    [GeneratedRegex(@"^\| `(?<name>(streams|grpc)_\w+)` \| (?<type>\w+) \|.*$", RegexOptions.Multiline)]
    private static partial Regex TableRow();
}
