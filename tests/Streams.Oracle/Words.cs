using System.Globalization;
using System.Text;

namespace Streams.Oracle;

/// <summary>The words of a scenario's line, and what they stand for.</summary>
internal static class Words
{
    public static string[] Of(string line) => line.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);

    /// <summary>A word as text: <c>-</c> is null, <c>""</c> is empty.</summary>
    public static string? Text(string word) => word switch { "-" => null, "\"\"" => "", _ => word };

    public static long Number(string word) => long.Parse(word, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture);

    /// <summary>A word as a record's key or value: as text, or as the bytes after <c>hex:</c>; a number as 8 bytes where the topic holds numbers.</summary>
    public static byte[]? Bytes(string word, bool numbers = false)
    {
        if (word == "-")
            return null;
        if (word == "\"\"")
            return [];
        if (word.StartsWith("hex:", StringComparison.Ordinal))
            return Convert.FromHexString(word[4..]);
        if (numbers && Texts.IsNumber(word))
            return Bytes(Serdes.Int64, Number(word));

        return Encoding.UTF8.GetBytes(word);
    }

    private static byte[] Bytes<T>(ISerde<T> serde, T value)
    {
        var buffer = new RecordBuffer();
        serde.Serialize(value, buffer);
        return buffer.From(0).ToArray();
    }
}
