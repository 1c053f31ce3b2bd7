using System.Buffers;
using Grpc.Core;

namespace Grpc.Wire;

/// <summary>How metadata and HTTP headers become each other.</summary>
internal static class MetadataValues
{
    private static readonly SearchValues<char> Ascii = SearchValues.Create(
        [.. Enumerable.Range(0x20, 0x7F - 0x20).Select(code => (char)code)]);

    // grpc-* is the protocol's own, but for these, which it lets applications see.
    private static readonly string[] VisibleProtocolKeys =
        ["grpc-previous-rpc-attempts", "grpc-retry-pushback-ms", "grpc-status-details-bin", "grpc-tags-bin", "grpc-trace-bin"];

    /// <summary>Adds a received header, unless it is the protocol's own or no metadata could hold it.</summary>
    public static void AddReceived(Metadata metadata, string name, string? value)
    {
        if (value is null || !TryGetKey(name, out var key) || IsProtocolKey(key))
            return;
        if (!Metadata.Entry.HasBinarySuffix(key))
        {
            metadata.Add(Metadata.Entry.Received(key, value));
            return;
        }

        // Intermediaries may join values of one name with commas, and no base64 has one.
        foreach (var part in value.AsSpan().Split(','))
        {
            if (TryDecodeBase64(value.AsSpan(part).Trim(), out var bytes))
                metadata.Add(Metadata.Entry.Received(key, bytes));
        }
    }

    /// <summary>True for what an application must not set, because the protocol or HTTP does.</summary>
    public static bool IsProtocolKey(string key) => key[0] switch
    {
        ':' => true,
        'g' => key.StartsWith("grpc-", StringComparison.Ordinal) && !VisibleProtocolKeys.Contains(key),
        'c' => key is "content-type" or "content-length" or "connection",
        'h' => key is "host",
        't' => key is "te" or "transfer-encoding",
        _ => false,
    };

    /// <summary>The header value of an entry: text, or base64 without padding, as the protocol prefers it.</summary>
    public static string Encode(Metadata.Entry entry) =>
        entry.IsBinary ? Convert.ToBase64String(entry.BinaryValue).TrimEnd('=') : entry.Value;

    /// <summary>True for text that a header can carry.</summary>
    public static bool IsAscii(string value) => !value.AsSpan().ContainsAnyExcept(Ascii);

    /// <summary>The text with '?' for every character that a header cannot carry.</summary>
    public static string ToAscii(string value) =>
        IsAscii(value) ? value : string.Create(value.Length, value, static (text, original) =>
        {
            for (var i = 0; i < text.Length; i++)
                text[i] = Ascii.Contains(original[i]) ? original[i] : '?';
        });

    private static bool TryGetKey(string name, out string key)
    {
        key = name;
        if (Metadata.IsValidKey(name))
            return true;
        key = name.ToLowerInvariant();
        return Metadata.IsValidKey(key);
    }

    private static bool TryDecodeBase64(ReadOnlySpan<char> text, out byte[] bytes)
    {
        var padded = text.TrimEnd('=').ToString();
        padded = padded.PadRight((padded.Length + 3) / 4 * 4, '=');
        bytes = new byte[padded.Length / 4 * 3];
        if (!Convert.TryFromBase64String(padded, bytes, out var count))
            return false;
        Array.Resize(ref bytes, count);
        return true;
    }
}
