using System.Globalization;
using System.Xml.Linq;
using LoadTesting.Statistics;

namespace LoadTesting.Reports.Html;

/// <summary>A run as one page that needs nothing but a browser: no script, no network.</summary>
/// <remarks>Every figure in it carries its name in <c>data-figure</c>, as <c>report.json</c> has it.</remarks>
public static class HtmlReport
{
    /// <summary>Writes the report: HTML that is well-formed XML, too.</summary>
    public static string Write(RunResult result)
    {
        ArgumentNullException.ThrowIfNull(result);
        var verdict = TextReport.Verdict(result);
        var html = new XElement(
            "html",
            new XAttribute("lang", "en"),
            new XElement(
                "head",
                new XElement("meta", new XAttribute("charset", "utf-8")),
                new XElement("meta", new XAttribute("name", "viewport"), new XAttribute("content", "width=device-width, initial-scale=1")),
                new XElement("title", $"Load test {result.Name}: {verdict}"),
                new XElement("style", PageStyle.Css)),
            new XElement(
                "body",
                new XElement(
                    "header",
                    new XElement("h1", $"Load test {result.Name} ", new XElement("span", Class($"verdict {verdict.ToLowerInvariant()}"), Figure("passed"), verdict)),
                    new XElement("p", $"{result.Started.UtcDateTime:yyyy-MM-dd HH:mm:ss} UTC, seed {result.Seed}")),
                Failures(result.Failures),
                new XElement("main", result.Scenarios.Select(Scenario)),
                new XElement("footer", Card("Where it ran", Pairs(Environment(result))))));
        return "<!DOCTYPE html>\n" + html.ToString(SaveOptions.DisableFormatting) + "\n";
    }

    private static XElement? Failures(IReadOnlyList<string> failures) => failures.Count == 0
        ? null
        : new XElement("section", Class("failures"), new XElement("ul", failures.Select(failure => new XElement("li", failure))));

    private static XElement Scenario(ScenarioStats scenario) => new(
        "section",
        new XAttribute("id", $"scenario-{scenario.Name}"),
        new XAttribute("data-scenario", scenario.Name),
        new XElement("h2", scenario.Name),
        new XElement("p", $"{string.Join(", then ", scenario.LoadSimulations)}; {Number(scenario.Duration.TotalSeconds, "0.0")} s measured"),
        new XElement(
            "div",
            Class("tiles"),
            Tile("ok", "ok.count", Number(scenario.Ok.Request.Count), $"{Number(scenario.Ok.Request.Rps, "#,0.0")}/s"),
            Tile("failed", "fail.count", Number(scenario.Fail.Request.Count), $"{Number(scenario.Fail.Request.Percent, "0.####")} %"),
            Tile("p50", "ok.latency_ms.p50", Milliseconds(scenario.Ok.Latency.Percent50), "ms"),
            Tile("p99", "ok.latency_ms.p99", Milliseconds(scenario.Ok.Latency.Percent99), "ms"),
            Tile("max", "ok.latency_ms.max", Milliseconds(scenario.Ok.Latency.MaxMs), "ms"),
            scenario.Metrics.Select(metric => Tile(metric.Name, $"metrics.{metric.Name}", metric.Value is { } value ? Number(value, "#,0.###") : "not measured", metric.Unit))),
        scenario.Fault is { } fault ? new XElement("p", Class("failures"), fault) : null,
        Thresholds(scenario.Thresholds),
        Charts(scenario.Series),
        Card("Latency", Latencies(scenario)),
        Card("How it ended", Statuses(scenario)),
        Card("Settings", Pairs(scenario.Settings.Select(setting => (setting.Key, setting.Value)))));

    private static XElement? Thresholds(IReadOnlyList<ThresholdResult> thresholds) => thresholds.Count == 0
        ? null
        : Card("Thresholds", Table(
            ["threshold", "measured", "held"],
            thresholds.Select(threshold => new XElement(
                "tr",
                Class(threshold.Passed ? "held" : "missed"),
                new XElement("td", threshold.Text),
                new XElement("td", threshold.Actual),
                new XElement("td", threshold.Passed ? "yes" : "NO")))));

    private static IEnumerable<XElement> Charts(IReadOnlyList<SeriesPoint> series) => series.Count < 2 ? [] :
    [
        Card("Latency over time, ms", LineChart.Draw(
            "latency over time",
            ChartScale.Logarithmic,
            [
                new("max", "line-4", [.. series.Select(point => (point.Seconds, point.MaxMs))]),
                new("p99", "line-3", [.. series.Select(point => (point.Seconds, point.P99Ms))]),
                new("p95", "line-2", [.. series.Select(point => (point.Seconds, point.P95Ms))]),
                new("p50", "line-1", [.. series.Select(point => (point.Seconds, point.P50Ms))]),
            ])),
        Card("Throughput, a second", LineChart.Draw(
            "throughput over time",
            ChartScale.Linear,
            [
                new("ok", "line-1", [.. series.Select(point => (point.Seconds, (double?)point.OkPerSecond))]),
                new("failed", "line-4", [.. series.Select(point => (point.Seconds, (double?)point.FailPerSecond))]),
            ])),
        Card("Under way", LineChart.Draw(
            "invocations under way over time",
            ChartScale.Linear,
            [new("under way", "line-5", [.. series.Select(point => (point.Seconds, (double?)point.InFlight))])])),
    ];

    private static XElement Latencies(ScenarioStats scenario) => Table(
        ["ms", "count", "min", "mean", "std dev", "p50", "p75", "p90", "p95", "p99", "p99.9", "max"],
        [
            Latency(scenario.Name, "ok.", scenario.Ok.Request.Count, scenario.Ok.Latency),
            .. scenario.Fail.Request.Count == 0 ? [] : new[] { Latency("failed", "fail.", scenario.Fail.Request.Count, scenario.Fail.Latency) },
            .. scenario.Steps.Select(step => Latency($"step {step.Name}", $"steps.{step.Name}.ok.", step.Ok.Request.Count, step.Ok.Latency)),
            Latency("began late", "start_delay.", null, scenario.StartDelay),
        ]);

    private static XElement Latency(string name, string figure, long? count, LatencyStats latency)
    {
        var at = figure is "start_delay." ? figure : $"{figure}latency_ms.";
        return new XElement(
            "tr",
            new XElement("th", name),
            new XElement("td", count is { } known ? Number(known) : ""),
            Cell("min", latency.MinMs),
            Cell("mean", latency.MeanMs),
            Cell("std_dev", latency.StdDevMs),
            Cell("p50", latency.Percent50),
            Cell("p75", latency.Percent75),
            Cell("p90", latency.Percent90),
            Cell("p95", latency.Percent95),
            Cell("p99", latency.Percent99),
            Cell("p99_9", latency.Percent999),
            Cell("max", latency.MaxMs));

        XElement Cell(string name, double value) => new("td", Figure(at + name), Milliseconds(value));
    }

    private static XElement Statuses(ScenarioStats scenario) => Table(
        ["", "status", "count", "share", "example"],
        new[] { (Name: scenario.Name, (MeasurementStats)scenario) }
            .Concat(scenario.Steps.Select(step => (Name: $"step {step.Name}", step)))
            .SelectMany(measured => measured.Item2.Ok.StatusCodes.Concat(measured.Item2.Fail.StatusCodes).Select(status => new XElement(
                "tr",
                Class(status.IsError ? "missed" : "held"),
                new XElement("th", measured.Name),
                new XElement("td", status.StatusCode),
                new XElement("td", Number(status.Count)),
                new XElement("td", $"{Number(status.Percent, "0.####")} %"),
                new XElement("td", Class("text"), status.Message)))));

    private static (string Name, string Value)[] Environment(RunResult result) =>
    [
        ("machine", result.Environment.Machine),
        ("system", result.Environment.OperatingSystem),
        ("processors", Number(result.Environment.Processors)),
        ("memory", $"{Number(result.Environment.MemoryBytes / 1e9, "0.0")} GB"),
        ("runtime", result.Environment.Runtime),
        ("load program", result.Environment.Version),
        ("its processors", Number(result.Generator.CpuRatio, "0.00")),
        ("its memory", $"{Number(result.Generator.PeakWorkingSetBytes / 1e6, "0.0")} MB at most, {Number(result.Generator.HeapBytes / 1e6, "0.0")} MB managed at the end"),
        ("its full collections", Number(result.Generator.GarbageCollections)),
    ];

    private static XElement Card(string title, XElement content) => new("div", Class("card"), new XElement("h3", title), content);

    private static XElement Tile(string name, string figure, string value, string unit) => new(
        "div",
        Class("tile"),
        new XElement("div", Class("name"), name),
        new XElement("div", Class("value"), Figure(figure), value),
        new XElement("div", Class("unit"), unit));

    private static XElement Pairs(IEnumerable<(string Name, string Value)> pairs) => new(
        "table",
        new XElement("tbody", pairs.Select(pair => new XElement("tr", new XElement("th", pair.Name), new XElement("td", Class("text"), pair.Value)))));

    private static XElement Table(IEnumerable<string> columns, IEnumerable<XElement> rows) => new(
        "div",
        Class("wide"),
        new XElement(
            "table",
            new XElement("thead", new XElement("tr", columns.Select(column => new XElement("th", column)))),
            new XElement("tbody", rows)));

    private static XAttribute Class(string name) => new("class", name);

    private static XAttribute Figure(string name) => new("data-figure", name);

    private static string Number(long value) => value.ToString("#,0", CultureInfo.InvariantCulture);

    private static string Number(double value, string format) => value.ToString(format, CultureInfo.InvariantCulture);

    private static string Milliseconds(double value) => value.ToString("#,0.###", CultureInfo.InvariantCulture);
}
