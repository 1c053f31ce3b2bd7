using LoadTesting;
using Settings;

namespace LoadScenarios;

/// <summary>A scenario's own thresholds and those that were asked for.</summary>
internal static class ThresholdList
{
    /// <summary>All of them; where two are about the same quantity, the one that was asked for.</summary>
    /// <exception cref="SetupException">A text is no threshold.</exception>
    public static Threshold[] Of(IEnumerable<string> defaults, IEnumerable<string> asked, IReadOnlyCollection<Metric> metrics, IReadOnlyCollection<string> steps)
    {
        var own = defaults.Select(text => Threshold.Parse(text, metrics, steps));
        var given = asked.Select(text => Read(text, metrics, steps)).ToList();
        return [.. own.Where(threshold => !given.Exists(other => other.Subject == threshold.Subject)), .. given];
    }

    private static Threshold Read(string text, IReadOnlyCollection<Metric> metrics, IReadOnlyCollection<string> steps)
    {
        try
        {
            return Threshold.Parse(text, metrics, steps);
        }
        catch (FormatException e)
        {
            throw new SetupException($"--threshold {e.Message}", e);
        }
    }
}
