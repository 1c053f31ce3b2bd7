using System.Buffers.Binary;
using System.Buffers.Text;
using Google.Protobuf;
using Streams.Contracts.V1;

namespace Monitor.LogStore;

/// <summary>Where a search goes on: a place in the order, and a fingerprint of the search that it belongs to.</summary>
internal static class PageToken
{
    private const int Size = 1 + 8 + 8 + 4;
    private const byte Version = 1;

    /// <summary>Writes a token.</summary>
    public static string Write(LogKey key, uint search)
    {
        Span<byte> bytes = stackalloc byte[Size];
        bytes[0] = Version;
        BinaryPrimitives.WriteInt64BigEndian(bytes[1..], key.TimeNs);
        BinaryPrimitives.WriteInt64BigEndian(bytes[9..], key.Row);
        BinaryPrimitives.WriteUInt32BigEndian(bytes[17..], search);
        return Base64Url.EncodeToString(bytes);
    }

    /// <summary>Reads a token.</summary>
    /// <returns>False where the text is no token, or one of another search.</returns>
    public static bool TryRead(string token, uint search, out LogKey key)
    {
        key = default;
        Span<byte> bytes = stackalloc byte[Size];
        if (token.Length != Base64Url.GetEncodedLength(Size)
            || !Base64Url.TryDecodeFromChars(token, bytes, out var length)
            || length != Size
            || bytes[0] != Version
            || BinaryPrimitives.ReadUInt32BigEndian(bytes[17..]) != search)
            return false;

        key = new(BinaryPrimitives.ReadInt64BigEndian(bytes[1..]), BinaryPrimitives.ReadInt64BigEndian(bytes[9..]));
        return true;
    }

    /// <summary>A fingerprint of everything in a search but how much of it is asked for, and from where.</summary>
    public static uint Fingerprint(SearchLogsRequest request)
    {
        var search = request.Clone();
        search.PageToken = "";
        search.Limit = 0;
        // Maps have no order of their own on the wire.
        search.Attributes.Clear();
        foreach (var (name, value) in request.Attributes.OrderBy(a => a.Key, StringComparer.Ordinal))
            search.Attributes.Add(name, value);

        // FNV-1a: stable across processes, which string.GetHashCode is not.
        var hash = 2166136261u;
        foreach (var b in search.ToByteArray())
            hash = (hash ^ b) * 16777619u;
        return hash;
    }
}
