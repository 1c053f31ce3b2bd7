namespace NodeAgent.Parse;

/// <summary>Reads the time stamp that a line begins with.</summary>
/// <remarks>
/// Only unmistakable ones: <c>yyyy-MM-dd</c>, then <c>T</c> or a blank, then <c>HH:mm:ss</c>, a fraction after a dot or comma, and a
/// zone (<c>Z</c>, <c>+02:00</c>, <c>+0200</c>); all in brackets or not. Without a zone it is the machine's local time. Any other line happened when it was read.
/// </remarks>
internal static class LeadingTime
{
    private const int SecondsEnd = 19;

    /// <summary>Reads <paramref name="line"/>'s time; false where it begins with none.</summary>
    public static bool TryRead(ReadOnlySpan<byte> line, TimeZoneInfo local, out DateTimeOffset time)
    {
        time = default;
        if (line is [(byte)'[', ..])
            line = line[1..];
        if (line.Length < SecondsEnd
            || line[4] != '-' || line[7] != '-' || line[10] is not ((byte)'T' or (byte)' ') || line[13] != ':' || line[16] != ':')
        {
            return false;
        }

        if (!Number(line[..4], out var year) || !Number(line[5..7], out var month) || !Number(line[8..10], out var day)
            || !Number(line[11..13], out var hour) || !Number(line[14..16], out var minute) || !Number(line[17..19], out var second)
            || year is < 1971 or > 9998 || month is < 1 or > 12 || day < 1 || day > DateTime.DaysInMonth(year, month)
            || hour > 23 || minute > 59 || second > 59)
        {
            return false;
        }

        var rest = line[SecondsEnd..];
        var moment = new DateTime(year, month, day, hour, minute, second).AddTicks(Fraction(ref rest));
        time = new DateTimeOffset(moment, Zone(rest) ?? local.GetUtcOffset(moment));
        return true;
    }

    private static bool Number(ReadOnlySpan<byte> digits, out int number)
    {
        number = 0;
        foreach (var digit in digits)
        {
            if (!char.IsAsciiDigit((char)digit))
                return false;
            number = number * 10 + digit - '0';
        }

        return true;
    }

    private static long Fraction(ref ReadOnlySpan<byte> rest)
    {
        if (rest is not [(byte)'.' or (byte)',', >= (byte)'0' and <= (byte)'9', ..])
            return 0;
        long ticks = 0;
        var unit = TimeSpan.TicksPerSecond / 10;
        rest = rest[1..];
        for (; rest is [>= (byte)'0' and <= (byte)'9', ..]; rest = rest[1..], unit /= 10)
            ticks += (rest[0] - '0') * unit;
        return ticks;
    }

    private static TimeSpan? Zone(ReadOnlySpan<byte> rest)
    {
        if (rest is [(byte)'Z', ..])
            return TimeSpan.Zero;
        if (rest is [(byte)' ', (byte)'+' or (byte)'-', _, _, (byte)':', ..])
            rest = rest[1..];
        if (rest.Length < 5 || rest[0] is not ((byte)'+' or (byte)'-') || !Number(rest[1..3], out var hours))
            return null;
        var minutesAt = rest[3] == ':' ? 4 : 3;
        if (rest.Length < minutesAt + 2 || !Number(rest.Slice(minutesAt, 2), out var minutes) || hours > 13 || minutes > 59)
            return null;
        var offset = new TimeSpan(hours, minutes, 0);
        return rest[0] == '-' ? -offset : offset;
    }
}
