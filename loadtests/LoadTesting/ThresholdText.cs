using System.Globalization;
using System.Text.RegularExpressions;
using LoadTesting.Statistics;
using Settings;

namespace LoadTesting;

/// <summary>Thresholds as people write them on a command line.</summary>
public static partial class ThresholdText
{
    private static readonly Quantity[] _quantities =
    [
        Latency("min", latency => latency.MinMs),
        Latency("mean", latency => latency.MeanMs),
        Latency("max", latency => latency.MaxMs),
        Latency("p50", latency => latency.Percent50),
        Latency("p75", latency => latency.Percent75),
        Latency("p90", latency => latency.Percent90),
        Latency("p95", latency => latency.Percent95),
        Latency("p99", latency => latency.Percent99),
        Latency("p99.9", latency => latency.Percent999),
        new("errors", Unit.Percent, (stats, _) => stats.AllRequestCount == 0 ? null : stats.Fail.Request.Percent),
        new("failed", Unit.Number, (stats, _) => stats.Fail.Request.Count),
        new("requests", Unit.Number, (stats, _) => stats.AllRequestCount),
        new("rps", Unit.Number, (stats, _) => stats.Ok.Request.Rps),
    ];

    private enum Unit
    {
        Number,
        Percent,
        Milliseconds,
    }

    /// <summary>What can be asked for of every scenario and step.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. _quantities.Select(quantity => quantity.Name)];

    internal static Threshold Parse(string text, IReadOnlyCollection<Metric> metrics, IReadOnlyCollection<string> steps)
    {
        ArgumentNullException.ThrowIfNull(text);
        var parts = Pattern().Match(text);
        if (!parts.Success)
            throw new FormatException($"'{text}' is no threshold; write NAME, a comparison (< <= > >= =) and a value, such as p99<500ms, errors<0.1% or rps>=95.");

        var step = parts.Groups["step"].Success ? parts.Groups["step"].Value : null;
        if (step is not null && !steps.Contains(step))
            throw new FormatException($"'{text}' asks for the step '{step}'{Meant(step, steps)} The steps are {List(steps)}.");

        var name = parts.Groups["name"].Value;
        var own = step is null ? metrics : [];
        string[] known = [.. Names, .. own.Select(metric => metric.Name)];
        var quantity = Find(name, own) ?? throw new FormatException($"'{text}' asks for '{name}'{Meant(name, known)} Known are {List(known)}.");
        var comparison = parts.Groups["comparison"].Value;
        if (!TryReadValue(parts.Groups["value"].Value, quantity.Unit, out var bound))
            throw new FormatException($"'{text}' compares with '{parts.Groups["value"].Value}'; expected {Expected(quantity.Unit)}.");

        var subject = step is null ? name : $"{step}:{name}";
        return new Threshold($"{subject} {comparison} {Show(bound, quantity.Unit)}", subject, stats =>
        {
            var measured = step is null ? stats : stats.Steps.FirstOrDefault(candidate => candidate.Name == step);
            return measured is not null && quantity.Read(measured, stats) is { } actual
                ? (Holds(actual, comparison, bound), Show(actual, quantity.Unit))
                : (false, "nothing was measured");
        });
    }

    private static Quantity Latency(string name, Func<LatencyStats, double> read) =>
        new(name, Unit.Milliseconds, (stats, _) => stats.Ok.Request.Count == 0 ? null : read(stats.Ok.Latency));

    private static Quantity? Find(string name, IReadOnlyCollection<Metric> metrics)
    {
        if (Array.Find(_quantities, quantity => quantity.Name == name) is { } known)
            return known;
        return metrics.FirstOrDefault(metric => metric.Name == name) is { } own
            ? new Quantity(name, own.Unit switch { "ms" => Unit.Milliseconds, "%" => Unit.Percent, _ => Unit.Number }, (_, scenario) =>
                scenario.Metrics.FirstOrDefault(metric => metric.Name == name)?.Value)
            : null;
    }

    private static bool TryReadValue(string text, Unit unit, out double value)
    {
        switch (unit)
        {
            case Unit.Milliseconds:
                var isDuration = DurationText.TryParse(text, out var duration);
                value = duration.TotalMilliseconds;
                return isDuration;
            case Unit.Percent:
                return double.TryParse(text.EndsWith('%') ? text[..^1] : "", NumberStyles.Float, CultureInfo.InvariantCulture, out value) || text == "0";
            default:
                return double.TryParse(text, NumberStyles.Float | NumberStyles.AllowThousands, CultureInfo.InvariantCulture, out value);
        }
    }

    private static string Expected(Unit unit) => unit switch
    {
        Unit.Milliseconds => DurationText.Expected,
        Unit.Percent => "a share such as 0.1%",
        _ => "a number",
    };

    private static string Show(double value, Unit unit) => unit switch
    {
        Unit.Milliseconds => string.Create(CultureInfo.InvariantCulture, $"{value:#,0.###} ms"),
        Unit.Percent => string.Create(CultureInfo.InvariantCulture, $"{value:0.####} %"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{value:#,0.##}"),
    };

    private static bool Holds(double actual, string comparison, double bound) => comparison switch
    {
        "<" => actual < bound,
        "<=" => actual <= bound,
        ">" => actual > bound,
        ">=" => actual >= bound,
        _ => actual.Equals(bound),
    };

    private static string Meant(string name, IEnumerable<string> candidates) =>
        NearName.Of(name, candidates) is { } near ? $"; did you mean '{near}'?" : ", which does not exist.";

    private static string List(IReadOnlyCollection<string> names) => names.Count == 0 ? "none" : string.Join(", ", names);

    [GeneratedRegex(@"^\s*(?:(?<step>[\w.-]+):)?(?<name>[\w.-]+)\s*(?<comparison><=|>=|<|>|=)\s*(?<value>\S+)\s*$")]
    private static partial Regex Pattern();

    // The step's (or scenario's) measurements, and the scenario's for metrics of its own.
    private sealed record Quantity(string Name, Unit Unit, Func<MeasurementStats, ScenarioStats, double?> Read);
}
