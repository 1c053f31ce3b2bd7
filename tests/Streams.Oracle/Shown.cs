using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace Streams.Oracle;

/// <summary>Values as the oracle writes them.</summary>
internal static partial class Shown
{
    /// <summary>A value of a store or a record: <c>-</c> for null, <c>""</c> for empty text, <c>key@start-end</c> for a windowed key.</summary>
    public static string Value<T>(T value) => value switch
    {
        null => "-",
        "" => "\"\"",
        string text => text,
        Windowed<string> w => string.Create(CultureInfo.InvariantCulture, $"{Value(w.Key)}@{w.Window.StartMs}-{w.Window.EndMs}"),
        ValueAndTimestamp<string> v => string.Create(CultureInfo.InvariantCulture, $"{Value(v.Value)} {v.Timestamp}"),
        ValueAndTimestamp<long> v => string.Create(CultureInfo.InvariantCulture, $"{v.Value} {v.Timestamp}"),
        ValueAndTimestamp<long?> v => string.Create(CultureInfo.InvariantCulture, $"{Value(v.Value)} {v.Timestamp}"),
        _ => Convert.ToString(value, CultureInfo.InvariantCulture)!,
    };

    /// <summary>Bytes by their serde; in hexadecimal where it cannot read them.</summary>
    public static string Decoded<T>(ISerde<T> serde, ReadOnlyMemory<byte>? bytes)
    {
        if (bytes is not { } present)
            return "-";

        try
        {
            return Value(serde.Deserialize(present.Span));
        }
        catch (FormatException)
        {
            return $"hex:{Hex(present)}";
        }
    }

    public static string Hex(ReadOnlyMemory<byte>? bytes) =>
        bytes is not { } present ? "-" : present.Length == 0 ? "\"\"" : Convert.ToHexStringLower(present.Span);

    /// <summary>A header's value in an output topic: white space would end the word, and a stack trace is long and never the same.</summary>
    public static string Header(string name, byte[]? value) =>
        name.EndsWith(".stacktrace", StringComparison.Ordinal) ? "..."
        : value is null ? "-"
        : Blanks().Replace(Encoding.UTF8.GetString(value), "_");

    [GeneratedRegex(@"\s+")]
    private static partial Regex Blanks();
}
