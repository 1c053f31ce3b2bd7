using System.Globalization;
using System.Text;

namespace Metrics.Collecting;

/// <summary>Tags as Prometheus writes labels: <c>level="warn",node="a"</c>, by name, escaped.</summary>
internal static class LabelText
{
    /// <summary>The text between the braces; empty for no labels. A tag without a value is no label.</summary>
    public static string Of(IEnumerable<KeyValuePair<string, object?>> tags)
    {
        var labels = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var (name, value) in tags)
        {
            if (Text(value) is { Length: > 0 } text)
                labels[LabelName(name)] = text;
        }

        var written = new StringBuilder();
        foreach (var (name, value) in labels)
        {
            if (written.Length > 0)
                written.Append(',');
            written.Append(name).Append("=\"");
            AppendEscaped(written, value);
            written.Append('"');
        }

        return written.ToString();
    }

    private static string LabelName(string name)
    {
        var sanitized = FamilyName.Sanitized(name);

        // A histogram's own label.
        return sanitized == "le" ? "exported_le" : sanitized;
    }

    private static string? Text(object? value) => value switch
    {
        null => null,
        string text => text,
        bool flag => flag ? "true" : "false",
        IFormattable number => number.ToString(null, CultureInfo.InvariantCulture),
        _ => value.ToString(),
    };

    private static void AppendEscaped(StringBuilder target, string value)
    {
        foreach (var c in value)
        {
            _ = c switch
            {
                '\\' => target.Append(@"\\"),
                '"' => target.Append("\\\""),
                '\n' => target.Append(@"\n"),
                _ => target.Append(c),
            };
        }
    }
}
