using System.Text;

namespace Metrics.Collecting;

/// <summary>An instrument's name as Prometheus writes it: <c>streams.agent.read.bytes</c> in <c>By</c> becomes <c>streams_agent_read_bytes_total</c>.</summary>
/// <remarks>Source: OpenTelemetry's compatibility specification, "OTLP Metric points to Prometheus"; Prometheus' naming practices.</remarks>
/// <param name="Name">The family's whole name.</param>
/// <param name="Unit">Its unit in full (<c>seconds</c>), which the name ends with; empty for none.</param>
internal readonly record struct FamilyName(string Name, string Unit)
{
    private const string Total = "_total";

    /// <summary>The name without a counter's <c>_total</c>: what OpenMetrics calls the family.</summary>
    public string Base => Name.EndsWith(Total, StringComparison.Ordinal) ? Name[..^Total.Length] : Name;

    /// <summary>The family of an instrument.</summary>
    public static FamilyName Of(string instrument, string? unit, FamilyKind kind)
    {
        var name = Sanitized(instrument);
        if (kind is FamilyKind.Counter && name.EndsWith(Total, StringComparison.Ordinal))
            name = name[..^Total.Length];
        var word = InWords(unit, kind);
        if (word.Length > 0 && name != word && !name.EndsWith($"_{word}", StringComparison.Ordinal))
            name = $"{name}_{word}";
        return new FamilyName(kind is FamilyKind.Counter ? name + Total : name, word);
    }

    /// <summary>A name made of letters, digits and single underscores.</summary>
    public static string Sanitized(string name)
    {
        var text = new StringBuilder(name.Length + 1);
        foreach (var c in name)
        {
            var kept = char.IsAsciiLetterOrDigit(c) ? c : '_';
            if (kept != '_' || text.Length == 0 || text[^1] != '_')
                text.Append(kept);
        }

        if (text.Length == 0 || char.IsAsciiDigit(text[0]))
            text.Insert(0, '_');
        return text.ToString();
    }

    // Instruments give units in UCUM's signs. What stands in braces says what is counted and is no unit.
    private static string InWords(string? unit, FamilyKind kind) => unit switch
    {
        null or "" => "",
        "s" => "seconds",
        "ms" => "milliseconds",
        "us" => "microseconds",
        "ns" => "nanoseconds",
        "min" => "minutes",
        "h" => "hours",
        "d" => "days",
        "By" => "bytes",
        "KiBy" => "kibibytes",
        "MiBy" => "mebibytes",
        "Hz" => "hertz",
        "%" => "percent",
        "1" => kind is FamilyKind.Gauge ? "ratio" : "",
        _ when unit[0] == '{' => "",
        _ => Sanitized(unit).Trim('_'),
    };
}
