using System.Globalization;
using System.Text;
using LoadTesting.Statistics;

namespace LoadTesting.Reports;

/// <summary>A run as text, for a terminal or a build's log.</summary>
public static class TextReport
{
    private const int LabelWidth = 14;

    /// <summary>Writes the report.</summary>
    public static string Write(RunResult result)
    {
        ArgumentNullException.ThrowIfNull(result);
        var text = new StringBuilder();
        Line(text, $"load test {result.Name}: {Verdict(result)}");
        Row(text, "started", $"{result.Started.UtcDateTime:yyyy-MM-dd HH:mm:ss} UTC");
        Row(text, "seed", $"{result.Seed}");
        Row(text, "machine", $"{result.Environment.Machine}, {result.Environment.OperatingSystem}, {result.Environment.Processors} processors, {result.Environment.Runtime}");
        Row(text, "load program", $"{result.Generator.CpuRatio:0.00} processors, {Megabytes(result.Generator.PeakWorkingSetBytes)} at most, version {result.Environment.Version}");
        foreach (var scenario in result.Scenarios)
            Scenario(text, scenario);
        foreach (var failure in result.Failures)
            Line(text, $"FAILED {failure}");
        foreach (var file in result.ReportFiles)
            Row(text, "report", file);
        if (result.ReportFault is { } fault)
            Line(text, fault);
        return text.ToString();
    }

    /// <summary>One word on how it went.</summary>
    internal static string Verdict(RunResult result) => result switch
    {
        { Ended: RunEnd.Stopped } => "STOPPED",
        { Passed: true } => "PASSED",
        _ => "FAILED",
    };

    private static void Scenario(StringBuilder text, ScenarioStats scenario)
    {
        text.AppendLine();
        Line(text, $"scenario {scenario.Name}, {scenario.Duration.TotalSeconds:#,0.0} s measured");
        Row(text, "load", string.Join(", then ", scenario.LoadSimulations));
        if (scenario.Settings.Count > 0)
            Row(text, "settings", string.Join(", ", scenario.Settings.Select(setting => $"{setting.Key} {setting.Value}")));
        Measurement(text, scenario);
        if (scenario.AllRequestCount > 0)
            Row(text, "began late", $"p50 {scenario.StartDelay.Percent50:0.0} ms, p99 {scenario.StartDelay.Percent99:0.0} ms, max {scenario.StartDelay.MaxMs:0.0} ms (part of the latency)");
        foreach (var metric in scenario.Metrics)
            Row(text, metric.Name, metric.Value is { } value ? $"{value:#,0.###} {metric.Unit}" : "not measured");
        foreach (var step in scenario.Steps)
        {
            Line(text, $"  step {step.Name}");
            Measurement(text, step);
        }

        foreach (var threshold in scenario.Thresholds)
            Row(text, "threshold", $"{(threshold.Passed ? "held  " : "FAILED")} {threshold.Text}{(threshold.Actual.Length == 0 ? "" : $" (was {threshold.Actual})")}");
        if (scenario.Fault is { } fault)
            Row(text, "fault", fault);
    }

    private static void Measurement(StringBuilder text, MeasurementStats stats)
    {
        Row(text, "ok", $"{stats.Ok.Request.Count:#,0} ({stats.Ok.Request.Percent:0.##} %), {stats.Ok.Request.Rps:#,0.0}/s, {Megabytes(stats.Ok.Data.AllBytes)}");
        if (stats.Ok.Request.Count > 0)
            Row(text, "latency", Latency(stats.Ok.Latency));
        if (stats.Fail.Request.Count > 0)
            Row(text, "failed", $"{stats.Fail.Request.Count:#,0} ({stats.Fail.Request.Percent:0.##} %)");
        foreach (var status in stats.Fail.StatusCodes)
            Row(text, "", $"{status.StatusCode} {status.Count:#,0}{(status.Message.Length == 0 ? "" : $": {status.Message.ReplaceLineEndings(" ")}")}");
    }

    private static string Latency(LatencyStats latency) => string.Create(
        CultureInfo.InvariantCulture,
        $"p50 {latency.Percent50:0.0}, p75 {latency.Percent75:0.0}, p90 {latency.Percent90:0.0}, p95 {latency.Percent95:0.0}, p99 {latency.Percent99:0.0}, p99.9 {latency.Percent999:0.0}, max {latency.MaxMs:0.0}, mean {latency.MeanMs:0.0} ms");

    private static string Megabytes(long bytes) => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1e6:#,0.0} MB");

    private static void Row(StringBuilder text, string label, string value) => text.Append("  ").Append(label.PadRight(LabelWidth)).Append(' ').AppendLine(value);

    private static void Line(StringBuilder text, string line) => text.AppendLine(line);
}
