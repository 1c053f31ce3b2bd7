using System.Buffers;
using System.Globalization;

namespace Settings;

/// <summary>Durations as people write them: <c>250ms</c>, <c>5s</c>, <c>1m</c>, <c>2h</c>, <c>7d</c>, <c>1h30m</c>, or .NET's <c>00:00:05</c>.</summary>
public static class DurationText
{
    /// <summary>What a duration looks like, for messages.</summary>
    public const string Expected = "a duration such as 250ms, 5s, 1m, 2h, 7d or 00:00:05";

    private static readonly SearchValues<char> _digits = SearchValues.Create("0123456789.");

    // Longest first, so that "ms" is not read as "m" and a stray "s".
    private static readonly (string Suffix, long Ticks)[] _units =
    [
        ("ms", TimeSpan.TicksPerMillisecond),
        ("us", TimeSpan.TicksPerMicrosecond),
        ("d", TimeSpan.TicksPerDay),
        ("h", TimeSpan.TicksPerHour),
        ("m", TimeSpan.TicksPerMinute),
        ("s", TimeSpan.TicksPerSecond),
    ];

    /// <summary>Reads a duration. A bare number has no unit and is refused, except 0.</summary>
    public static bool TryParse(string text, out TimeSpan duration)
    {
        ArgumentNullException.ThrowIfNull(text);

        duration = TimeSpan.Zero;
        var rest = text.AsSpan().Trim();
        if (rest is "0")
            return true;
        if (rest.Contains(':'))
            return TimeSpan.TryParse(rest, CultureInfo.InvariantCulture, out duration);

        var total = 0m;
        if (rest.IsEmpty)
            return false;
        while (!rest.IsEmpty)
        {
            var digits = rest.IndexOfAnyExcept(_digits);
            if (digits <= 0 || !decimal.TryParse(rest[..digits], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number))
                return false;

            rest = rest[digits..].TrimStart();
            if (!TryReadUnit(ref rest, out var ticks) || number > long.MaxValue / ticks)
                return false;
            total += number * ticks;
        }

        if (total > long.MaxValue)
            return false;
        duration = new TimeSpan((long)total);
        return true;
    }

    /// <summary>Writes a duration in the largest unit that holds it whole: <c>90s</c>, <c>7d</c>.</summary>
    public static string Format(TimeSpan duration)
    {
        if (duration == TimeSpan.Zero)
            return "0s";
        if (duration < TimeSpan.Zero)
            return duration.ToString("c", CultureInfo.InvariantCulture);

        var (suffix, ticks) = _units.OrderByDescending(unit => unit.Ticks).FirstOrDefault(unit => duration.Ticks % unit.Ticks == 0);
        return suffix is null ? duration.ToString("c", CultureInfo.InvariantCulture) : $"{duration.Ticks / ticks}{suffix}";
    }

    private static bool TryReadUnit(ref ReadOnlySpan<char> rest, out long ticks)
    {
        foreach (var (suffix, unitTicks) in _units)
        {
            if (!rest.StartsWith(suffix, StringComparison.OrdinalIgnoreCase))
                continue;

            rest = rest[suffix.Length..].TrimStart();
            ticks = unitTicks;
            return true;
        }

        ticks = 0;
        return false;
    }
}
