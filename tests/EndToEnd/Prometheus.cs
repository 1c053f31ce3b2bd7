using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace EndToEnd;

/// <summary>A Prometheus server, where this machine has one, with the configuration that this repository ships.</summary>
internal sealed partial class Prometheus : IDisposable
{
    private readonly Process _process;
    private readonly HttpClient _client;

    private Prometheus(Process process, int port)
    {
        _process = process;
        _client = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{port}") };
    }

    /// <summary>Why there is none; null where there is one.</summary>
    public static string? Missing =>
        OnPath("prometheus") && OnPath("promtool") ? null : "no prometheus and promtool on this machine (Debian: apt-get install prometheus)";

    /// <summary>Starts it on <c>deploy/prometheus/prometheus.yml</c>, with the ports of a system.</summary>
    public static Prometheus Start(LiveSystem system, string repository)
    {
        var shipped = Path.Combine(repository, "deploy", "prometheus");
        var folder = Path.Combine(system.Folder, "prometheus");
        Directory.CreateDirectory(folder);
        File.Copy(Path.Combine(shipped, "rules.yml"), Path.Combine(folder, "rules.yml"));
        var config = LocalPort().Replace(
            File.ReadAllText(Path.Combine(shipped, "prometheus.yml")),
            port => $"127.0.0.1:{int.Parse(port.Groups[1].Value, CultureInfo.InvariantCulture) + system.PortOffset}");
        File.WriteAllText(Path.Combine(folder, "prometheus.yml"), config.Replace("scrape_interval: 5s", "scrape_interval: 1s", StringComparison.Ordinal));

        var port = 9090 + system.PortOffset;
        string[] arguments =
        [
            $"--config.file={Path.Combine(folder, "prometheus.yml")}",
            $"--storage.tsdb.path={Path.Combine(folder, "data")}",
            $"--web.listen-address=127.0.0.1:{port}",
            "--log.level=error",
        ];
        return new Prometheus(Process.Start(new ProcessStartInfo("prometheus", arguments) { RedirectStandardError = true })!, port);
    }

    /// <summary>Each job with its target's health: <c>up</c>, <c>down</c> or <c>unknown</c>; with why, where it is down.</summary>
    public async Task<string[]> TargetsAsync()
    {
        try
        {
            using var answer = JsonDocument.Parse(await _client.GetStringAsync("/api/v1/targets?state=active"));
            return [.. answer.RootElement.GetProperty("data").GetProperty("activeTargets").EnumerateArray()
                .Select(target =>
                    $"{target.GetProperty("labels").GetProperty("job").GetString()} {target.GetProperty("health").GetString()} {target.GetProperty("lastError").GetString()}".TrimEnd())
                .Order(StringComparer.Ordinal)];
        }
        catch (HttpRequestException)
        {
            // It has only just been started.
            return [];
        }
    }

    /// <summary>The value of a query that has one.</summary>
    public async Task<double?> AskAsync(string query)
    {
        using var answer = JsonDocument.Parse(await _client.GetStringAsync($"/api/v1/query?query={Uri.EscapeDataString(query)}"));
        var result = answer.RootElement.GetProperty("data").GetProperty("result");
        return result.GetArrayLength() == 0
            ? null
            : double.Parse(result[0].GetProperty("value")[1].GetString()!, CultureInfo.InvariantCulture);
    }

    public void Dispose()
    {
        _client.Dispose();
        if (!_process.HasExited)
            _process.Kill();
        _process.WaitForExit();
        _process.Dispose();
    }

    private static bool OnPath(string program) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Any(folder => File.Exists(Path.Combine(folder, program)));

    [GeneratedRegex(@"127\.0\.0\.1:(\d+)")]
    private static partial Regex LocalPort();
}
