using System.Globalization;

namespace Streams.Oracle;

/// <summary>What the topologies do with text: they must do it as the oracle's do in Java, null included.</summary>
internal static class Texts
{
    /// <summary>A value as Java writes it where text is put together.</summary>
    public static string OrNull(string? text) => text ?? "null";

    public static string Join(string? left, string? right) => $"{left ?? "-"}+{right ?? "-"}";

    public static string? Upper(string? text) => text?.ToUpperInvariant();

    public static bool IsX(string? text) => text is not null && text.StartsWith('x');

    /// <summary>The parts between commas, as Java's <c>split</c> gives them: no empty ones at the end, but an empty text is one empty part.</summary>
    public static IEnumerable<string> Parts(string? text)
    {
        if (text is null)
            return [];
        if (!text.Contains(','))
            return [text];

        var parts = text.TrimEnd(',').Split(',');
        return parts is [""] ? [] : parts;
    }

    /// <summary>The text before the first colon; all of it where there is none.</summary>
    public static string? Before(string? text) => Reference(text) ?? text;

    /// <summary>The text after the first colon; all of it where there is none.</summary>
    public static string After(string text) => text[(text.IndexOf(':') + 1)..];

    /// <summary>The text before the first colon, or null.</summary>
    public static string? Reference(string? text) => text?.IndexOf(':') is { } colon and >= 0 ? text[..colon] : null;

    public static bool IsNumber(string text)
    {
        var digits = text.AsSpan(text.StartsWith('-') ? 1 : 0);
        return digits.Length > 0 && digits.IndexOfAnyExceptInRange('0', '9') < 0;
    }

    public static long Number(string text) => long.Parse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture);
}
