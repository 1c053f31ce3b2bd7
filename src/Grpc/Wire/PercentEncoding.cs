using System.Buffers;
using System.Globalization;
using System.Text;

namespace Grpc.Wire;

/// <summary>How <c>grpc-message</c> carries any text in a header: UTF-8, with %XX for what a header cannot hold.</summary>
internal static class PercentEncoding
{
    // Printable ASCII without '%'.
    private static readonly SearchValues<char> Plain = SearchValues.Create(
        [.. Enumerable.Range(0x20, 0x7F - 0x20).Select(code => (char)code).Where(character => character != '%')]);

    /// <summary>Encodes a text. Unpaired surrogates become U+FFFD.</summary>
    public static string Encode(string text)
    {
        // HTTP trims the space around a value, so a space at either end is escaped too.
        if (text.Length == 0 || (!text.AsSpan().ContainsAnyExcept(Plain) && text[0] != ' ' && text[^1] != ' '))
            return text;

        var bytes = Encoding.UTF8.GetBytes(text);
        var encoded = new StringBuilder(bytes.Length * 2);
        for (var i = 0; i < bytes.Length; i++)
        {
            var plain = Plain.Contains((char)bytes[i]) && (bytes[i] != ' ' || (i > 0 && i < bytes.Length - 1));
            if (plain)
                encoded.Append((char)bytes[i]);
            else
                encoded.Append(CultureInfo.InvariantCulture, $"%{bytes[i]:X2}");
        }

        return encoded.ToString();
    }

    /// <summary>Decodes a value. It never fails: an escape that is none stays as it is.</summary>
    public static string Decode(string value)
    {
        if (!value.Contains('%', StringComparison.Ordinal))
            return value;

        var raw = Encoding.UTF8.GetBytes(value);
        var decoded = new byte[raw.Length];
        var count = 0;
        for (var i = 0; i < raw.Length; i++)
        {
            if (raw[i] == '%' && i + 2 < raw.Length
                && byte.TryParse(raw.AsSpan(i + 1, 2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var escaped))
            {
                decoded[count++] = escaped;
                i += 2;
            }
            else
            {
                decoded[count++] = raw[i];
            }
        }

        return Encoding.UTF8.GetString(decoded, 0, count);
    }
}
