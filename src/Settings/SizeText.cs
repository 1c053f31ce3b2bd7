using System.Globalization;

namespace Settings;

/// <summary>Sizes as people write them: <c>64MiB</c> (powers of 1,024), <c>64MB</c> (powers of 1,000), or a number of bytes.</summary>
public static class SizeText
{
    /// <summary>What a size looks like, for messages.</summary>
    public const string Expected = "a size such as 64MiB, 500KB or a number of bytes";

    private static readonly (string Suffix, long Bytes)[] _units =
    [
        ("KiB", 1L << 10), ("MiB", 1L << 20), ("GiB", 1L << 30), ("TiB", 1L << 40),
        ("KB", 1_000), ("MB", 1_000_000), ("GB", 1_000_000_000), ("TB", 1_000_000_000_000),
        ("B", 1),
    ];

    /// <summary>Reads a size in bytes; fractions are fine where the result is whole (<c>1.5KiB</c>).</summary>
    public static bool TryParse(string text, out long bytes)
    {
        ArgumentNullException.ThrowIfNull(text);

        bytes = 0;
        var rest = text.AsSpan().Trim();
        var factor = 1L;
        foreach (var (suffix, unitBytes) in _units)
        {
            if (!rest.EndsWith(suffix, StringComparison.OrdinalIgnoreCase))
                continue;

            rest = rest[..^suffix.Length].TrimEnd();
            factor = unitBytes;
            break;
        }

        if (!decimal.TryParse(rest, NumberStyles.AllowDecimalPoint | NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number)
            || Math.Abs(number) > long.MaxValue / factor)
            return false;

        var total = number * factor;
        bytes = (long)total;
        return total == bytes;
    }

    /// <summary>Writes a size in the largest binary unit that holds it whole.</summary>
    public static string Format(long bytes)
    {
        var (suffix, unitBytes) = _units.Take(4).Reverse().FirstOrDefault(unit => bytes > 0 && bytes % unit.Bytes == 0);
        return suffix is null ? bytes.ToString(CultureInfo.InvariantCulture) : $"{bytes / unitBytes}{suffix}";
    }
}
