using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using LoadTesting.Statistics;

namespace LoadTesting.Reports;

/// <summary>A run as JSON, for programs. <c>docs/load-report.schema.json</c> says what is in it; names are never changed within a version.</summary>
public static class JsonReport
{
    /// <summary>What the field <c>format</c> says.</summary>
    public const string Format = "streams-load-report";

    /// <summary>What the field <c>version</c> says.</summary>
    public const int Version = 1;

    private static readonly JsonSerializerOptions _options = new()
    {
        WriteIndented = true,
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        DictionaryKeyPolicy = null,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <summary>Writes the report.</summary>
    public static string Write(RunResult result)
    {
        ArgumentNullException.ThrowIfNull(result);
        return JsonSerializer.Serialize(
            new Document(
                Format,
                Version,
                result.Name,
                result.Passed,
                JsonNamingPolicy.SnakeCaseLower.ConvertName($"{result.Ended}"),
                result.Failures,
                result.Started.UtcDateTime,
                result.Seed,
                [.. result.Scenarios.Select(ScenarioOf)],
                result.Environment,
                result.Generator),
            _options);
    }

    private static ScenarioPart ScenarioOf(ScenarioStats stats) => new(
        stats.Name,
        stats.Passed,
        stats.Fault,
        Math.Round(stats.Duration.TotalSeconds, 3),
        stats.LoadSimulations,
        stats.Settings,
        stats.Due,
        OutcomeOf(stats.Ok),
        OutcomeOf(stats.Fail),
        LatencyOf(stats.StartDelay),
        [.. stats.Steps.Select(step => new StepPart(step.Name, OutcomeOf(step.Ok), OutcomeOf(step.Fail)))],
        stats.Metrics,
        stats.Thresholds,
        stats.Series);

    private static OutcomePart OutcomeOf(OutcomeStats stats) => new(
        stats.Request.Count,
        stats.Request.Percent,
        stats.Request.Rps,
        stats.Data.AllBytes,
        stats.Data.BytesPerSecond,
        LatencyOf(stats.Latency),
        [.. stats.StatusCodes.Select(status => new StatusPart(status.StatusCode, status.Count, status.Percent, status.Message))]);

    private static LatencyPart LatencyOf(LatencyStats stats) => new(
        stats.MinMs, stats.MeanMs, stats.MaxMs, stats.StdDevMs, stats.Percent50, stats.Percent75, stats.Percent90, stats.Percent95, stats.Percent99, stats.Percent999);

    // The document's own types: what a property here is called is a promise to readers, and no renaming elsewhere breaks it.
    private sealed record Document(
        string Format,
        int Version,
        string Name,
        bool Passed,
        string Ended,
        IReadOnlyList<string> Failures,
        DateTime Started,
        int Seed,
        IReadOnlyList<ScenarioPart> Scenarios,
        RunEnvironment Environment,
        GeneratorStats Generator);

    private sealed record ScenarioPart(
        string Name,
        bool Passed,
        string? Fault,
        double DurationSeconds,
        IReadOnlyList<string> LoadSimulations,
        IReadOnlyDictionary<string, string> Settings,
        long Due,
        OutcomePart Ok,
        OutcomePart Fail,
        LatencyPart StartDelay,
        IReadOnlyList<StepPart> Steps,
        IReadOnlyList<MetricStats> Metrics,
        IReadOnlyList<ThresholdResult> Thresholds,
        IReadOnlyList<SeriesPoint> Series);

    private sealed record StepPart(string Name, OutcomePart Ok, OutcomePart Fail);

    private sealed record OutcomePart(
        long Count, double Percent, double PerSecond, long Bytes, double BytesPerSecond, LatencyPart LatencyMs, IReadOnlyList<StatusPart> Statuses);

    private sealed record StatusPart(string Status, long Count, double Percent, string Message);

    private sealed record LatencyPart(
        double Min,
        double Mean,
        double Max,
        double StdDev,
        double P50,
        double P75,
        double P90,
        double P95,
        double P99,
        [property: JsonPropertyName("p99_9")] double P999);
}
