using System.Globalization;

namespace LoadTesting.Reports.Html;

/// <summary>Where a value stands on an axis: 0 at its beginning, 1 at its end.</summary>
internal sealed class ChartScale
{
    private const int TicksWanted = 6;

    private readonly Func<double, double> _place;

    private ChartScale(IReadOnlyList<double> ticks, Func<double, double> place) => (Ticks, _place) = (ticks, place);

    /// <summary>Values to mark.</summary>
    public IReadOnlyList<double> Ticks { get; }

    /// <summary>From 0 to beyond the largest value, in even steps of 1, 2 or 5.</summary>
    public static ChartScale Linear(IReadOnlyCollection<double> values)
    {
        var max = Math.Max(values.DefaultIfEmpty(0).Max(), 1e-9);
        var step = Step(max / TicksWanted);
        var count = (int)Math.Ceiling(max / step - 1e-9);
        return new([.. Enumerable.Range(0, count + 1).Select(i => i * step)], value => value / (count * step));
    }

    /// <summary>From 0 to the largest value and no further, in even steps.</summary>
    public static ChartScale Time(double end)
    {
        var step = end > 120 ? Math.Max(60, Step(end / TicksWanted / 60) * 60) : Step(end / TicksWanted);
        return new([.. Enumerable.Range(0, (int)(end / step) + 1).Select(i => i * step)], value => value / end);
    }

    /// <summary>By powers of ten, so that a stall of seconds and what is usual both show.</summary>
    public static ChartScale Logarithmic(IReadOnlyCollection<double> values)
    {
        var above = values.Where(value => value > 0).ToArray();
        var from = (int)Math.Floor(Math.Log10(above.DefaultIfEmpty(1).Min()));
        var to = Math.Max(from + 1, (int)Math.Ceiling(Math.Log10(above.DefaultIfEmpty(1).Max())));
        return new(
            [.. Enumerable.Range(from, to - from + 1).Select(power => Math.Pow(10, power))],
            value => value <= 0 ? 0 : Math.Max(0, (Math.Log10(value) - from) / (to - from)));
    }

    public double Place(double value) => _place(value);

    public static string Text(double value) => value >= 1 ? value.ToString("#,0.##", CultureInfo.InvariantCulture) : value.ToString("0.####", CultureInfo.InvariantCulture);

    private static double Step(double least)
    {
        var power = Math.Pow(10, Math.Floor(Math.Log10(least)));
        return (least / power) switch
        {
            <= 1 => power,
            <= 2 => 2 * power,
            <= 5 => 5 * power,
            _ => 10 * power,
        };
    }
}
