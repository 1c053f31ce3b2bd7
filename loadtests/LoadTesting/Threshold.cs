using System.Runtime.CompilerServices;
using LoadTesting.Statistics;

namespace LoadTesting;

/// <summary>What must hold of a scenario's measurements for the run to pass.</summary>
public sealed class Threshold
{
    private readonly Func<ScenarioStats, (bool Passed, string Actual)> _judge;

    internal Threshold(string text, string subject, Func<ScenarioStats, (bool Passed, string Actual)> judge) =>
        (Text, Subject, _judge) = (text, subject, judge);

    /// <summary>What it asks for, as reports show it.</summary>
    public string Text { get; }

    /// <summary>What of the measurements it is about: <c>p99</c>, <c>search:p99</c>; of a function, its text.</summary>
    public string Subject { get; }

    /// <summary>A threshold on the whole scenario.</summary>
    /// <param name="check">True where it holds.</param>
    /// <param name="text">What reports show. Default: the code of <paramref name="check"/>.</param>
    public static Threshold Create(Func<ScenarioStats, bool> check, [CallerArgumentExpression(nameof(check))] string text = "")
    {
        ArgumentNullException.ThrowIfNull(check);
        return new(text, text, stats => (check(stats), ""));
    }

    /// <summary>A threshold on one step. A step that never ran fails it.</summary>
    /// <param name="stepName">The step.</param>
    /// <param name="check">True where it holds.</param>
    /// <param name="text">What reports show. Default: the code of <paramref name="check"/>.</param>
    public static Threshold Create(string stepName, Func<MeasurementStats, bool> check, [CallerArgumentExpression(nameof(check))] string text = "")
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(stepName);
        ArgumentNullException.ThrowIfNull(check);
        return new($"{stepName}: {text}", $"{stepName}:{text}", stats => stats.Steps.FirstOrDefault(step => step.Name == stepName) is { } step
            ? (check(step), "")
            : (false, $"step {stepName} never ran"));
    }

    /// <summary>A threshold from text: <c>p99&lt;500ms</c>, <c>errors&lt;0.1%</c>, <c>rps&gt;=95</c>, <c>STEP:max&lt;2s</c>, <c>METRIC=0</c>.</summary>
    /// <param name="text">A name of <see cref="ThresholdText.Names"/> or of a metric of the scenario's own, a comparison (&lt; &lt;= &gt; &gt;= =), and a value.</param>
    /// <param name="metrics">The metrics that the scenario registers.</param>
    /// <param name="steps">The steps that it runs.</param>
    /// <exception cref="FormatException">The text is no threshold; the message says why.</exception>
    public static Threshold Parse(string text, IReadOnlyCollection<Metric> metrics, IReadOnlyCollection<string> steps) =>
        ThresholdText.Parse(text, metrics, steps);

    internal ThresholdResult Judge(ScenarioStats stats)
    {
        var (passed, actual) = _judge(stats);
        return new ThresholdResult(Text, passed, actual);
    }
}
