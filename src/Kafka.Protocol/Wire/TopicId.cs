using System.Buffers.Binary;
using System.Buffers.Text;
using System.Security.Cryptography;

namespace Kafka.Protocol;

/// <summary>A 128-bit id as Kafka writes it: most significant byte first. Names a topic's incarnation, among others.</summary>
/// <remarks>Source: KIP-516. Not a <see cref="Guid"/>, whose byte order on Windows and in .NET differs.</remarks>
public readonly record struct TopicId(UInt128 Value)
{
    /// <summary>Bytes on the wire.</summary>
    public const int Bytes = 16;

    /// <summary>No topic.</summary>
    public static TopicId Zero => default;

    /// <summary>A random id that is neither zero nor the one Kafka reserves for its metadata topic.</summary>
    public static TopicId New()
    {
        Span<byte> bytes = stackalloc byte[Bytes];
        while (true)
        {
            RandomNumberGenerator.Fill(bytes);
            bytes[6] = (byte)((bytes[6] & 0x0F) | 0x40); // version 4, RFC 9562
            bytes[8] = (byte)((bytes[8] & 0x3F) | 0x80);

            // Kafka's own tools print ids as base64 and stumble over one that starts with a dash.
            var id = Read(bytes);
            if (!id.ToString().StartsWith('-'))
                return id;
        }
    }

    /// <summary>Reads an id from the front of <paramref name="source"/>.</summary>
    public static TopicId Read(ReadOnlySpan<byte> source) => new(BinaryPrimitives.ReadUInt128BigEndian(source));

    /// <summary>Reads what <see cref="ToString"/> wrote.</summary>
    public static bool TryParse(string? text, out TopicId id)
    {
        Span<byte> bytes = stackalloc byte[Bytes];
        id = default;
        if (text is null || text.Length != 22 || !Base64Url.IsValid(text) || !Base64Url.TryDecodeFromChars(text, bytes, out var written) || written != Bytes)
            return false;

        // The last character carries two bits too many; one id has one text.
        var read = Read(bytes);
        if (read.ToString() != text)
            return false;
        id = read;
        return true;
    }

    /// <summary>Writes the id to the front of <paramref name="destination"/>.</summary>
    public void Write(Span<byte> destination) => BinaryPrimitives.WriteUInt128BigEndian(destination, Value);

    /// <summary>The id as Kafka's tools print it: URL-safe base64, 22 characters.</summary>
    public override string ToString()
    {
        Span<byte> bytes = stackalloc byte[Bytes];
        Write(bytes);
        return Base64Url.EncodeToString(bytes);
    }
}
