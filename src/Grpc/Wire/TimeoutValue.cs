using System.Globalization;

namespace Grpc.Wire;

/// <summary>The value of <c>grpc-timeout</c>: up to eight digits and a unit.</summary>
internal static class TimeoutValue
{
    private const long ValueMax = 99_999_999;
    private const long NanosecondsPerTick = 100;

    /// <summary>Longest time that is kept, 99,999,999 seconds or about three years. Longer ones are cut to it.</summary>
    public static readonly TimeSpan Longest = TimeSpan.FromSeconds(ValueMax);

    /// <summary>The time until a deadline, rounded up. A deadline that has passed is the smallest time there is, never 0.</summary>
    public static string Format(TimeSpan left)
    {
        if (left <= TimeSpan.Zero)
            return "1n";
        if (left > Longest)
            left = Longest;

        var ticks = left.Ticks;
        if (ticks <= ValueMax / NanosecondsPerTick)
            return Text(ticks * NanosecondsPerTick, 'n');

        return (RoundUp(ticks, TimeSpan.TicksPerMicrosecond), RoundUp(ticks, TimeSpan.TicksPerMillisecond)) switch
        {
            ( <= ValueMax and var us, _) => Text(us, 'u'),
            (_, <= ValueMax and var ms) => Text(ms, 'm'),
            _ => Text(RoundUp(ticks, TimeSpan.TicksPerSecond), 'S'),
        };
    }

    /// <summary>Reads a value; false where it is malformed.</summary>
    public static bool TryParse(ReadOnlySpan<char> value, out TimeSpan left)
    {
        left = default;
        if (value.Length is < 2 or > 9)
            return false;
        if (!long.TryParse(value[..^1], NumberStyles.None, CultureInfo.InvariantCulture, out var amount))
            return false;

        // Eight digits of hours are 3.6e18 ticks: no unit overflows.
        var ticks = value[^1] switch
        {
            'n' => RoundUp(amount, NanosecondsPerTick),
            'u' => amount * TimeSpan.TicksPerMicrosecond,
            'm' => amount * TimeSpan.TicksPerMillisecond,
            'S' => amount * TimeSpan.TicksPerSecond,
            'M' => amount * TimeSpan.TicksPerMinute,
            'H' => amount * TimeSpan.TicksPerHour,
            _ => -1,
        };
        if (ticks < 0)
            return false;

        left = TimeSpan.FromTicks(Math.Min(ticks, Longest.Ticks));
        return true;
    }

    private static long RoundUp(long ticks, long unit) => (ticks + unit - 1) / unit;

    private static string Text(long value, char unit) => string.Create(CultureInfo.InvariantCulture, $"{value}{unit}");
}
