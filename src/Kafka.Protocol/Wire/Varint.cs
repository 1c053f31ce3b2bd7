using System.Buffers;
using System.Numerics;

namespace Kafka.Protocol;

/// <summary>
/// Variable-length integers, seven bits to a byte, lowest first. Records use the zig-zag forms, in which small negative numbers stay
/// small; compact lengths and tags use the unsigned one.
/// </summary>
/// <remarks>
/// Source: KIP-98 (message format), KIP-482 (compact types). Reads answer <see cref="OperationStatus.NeedMoreData"/> when a value is cut
/// short and <see cref="OperationStatus.InvalidData"/> when it runs on past its type; nothing is consumed then.
/// </remarks>
public static class Varint
{
    /// <summary>Most bytes a 32-bit value takes.</summary>
    public const int BytesMax = 5;

    /// <summary>Most bytes a 64-bit value takes.</summary>
    public const int LongBytesMax = 10;

    /// <summary>Reads a zig-zag coded 32-bit value.</summary>
    public static OperationStatus Read(ReadOnlySpan<byte> source, out int value, out int bytesRead)
    {
        var status = ReadUnsigned(source, out var bits, out bytesRead);
        value = (int)(bits >> 1) ^ -(int)(bits & 1);
        return status;
    }

    /// <summary>Reads a zig-zag coded 64-bit value.</summary>
    public static OperationStatus ReadLong(ReadOnlySpan<byte> source, out long value, out int bytesRead)
    {
        var status = ReadBits(source, LongBytesMax, lastByteMax: 0x01, out var bits, out bytesRead);
        value = (long)(bits >> 1) ^ -(long)(bits & 1);
        return status;
    }

    /// <summary>Reads an unsigned 32-bit value.</summary>
    public static OperationStatus ReadUnsigned(ReadOnlySpan<byte> source, out uint value, out int bytesRead)
    {
        // Almost every length and delta fits the first byte.
        if (source.Length > 0 && source[0] < 0x80)
        {
            (value, bytesRead) = (source[0], 1);
            return OperationStatus.Done;
        }

        var status = ReadBits(source, BytesMax, lastByteMax: 0x0F, out var bits, out bytesRead);
        value = (uint)bits;
        return status;
    }

    /// <summary>Writes a zig-zag coded 32-bit value; <paramref name="destination"/> has room for it.</summary>
    /// <returns>Bytes written.</returns>
    public static int Write(Span<byte> destination, int value) => WriteBits(destination, ZigZag(value));

    /// <summary>Writes a zig-zag coded 64-bit value; <paramref name="destination"/> has room for it.</summary>
    /// <returns>Bytes written.</returns>
    public static int WriteLong(Span<byte> destination, long value) => WriteBits(destination, ZigZag(value));

    /// <summary>Writes an unsigned 32-bit value; <paramref name="destination"/> has room for it.</summary>
    /// <returns>Bytes written.</returns>
    public static int WriteUnsigned(Span<byte> destination, uint value) => WriteBits(destination, value);

    /// <summary>Bytes a zig-zag coded 32-bit value takes.</summary>
    public static int SizeOf(int value) => SizeOfBits(ZigZag(value));

    /// <summary>Bytes a zig-zag coded 64-bit value takes.</summary>
    public static int SizeOfLong(long value) => SizeOfBits(ZigZag(value));

    /// <summary>Bytes an unsigned 32-bit value takes.</summary>
    public static int SizeOfUnsigned(uint value) => SizeOfBits(value);

    private static uint ZigZag(int value) => (uint)((value << 1) ^ (value >> 31));

    private static ulong ZigZag(long value) => (ulong)((value << 1) ^ (value >> 63));

    private static int SizeOfBits(ulong bits) => (BitOperations.Log2(bits | 1) / 7) + 1;

    private static OperationStatus ReadBits(ReadOnlySpan<byte> source, int bytesMax, byte lastByteMax, out ulong value, out int bytesRead)
    {
        (value, bytesRead) = (0, 0);
        ulong bits = 0;
        for (var i = 0; i < bytesMax; i++)
        {
            if (i == source.Length)
                return OperationStatus.NeedMoreData;
            var octet = source[i];
            if (i == bytesMax - 1 && octet > lastByteMax)
                return OperationStatus.InvalidData;
            bits |= (ulong)(octet & 0x7F) << (7 * i);
            if (octet < 0x80)
            {
                (value, bytesRead) = (bits, i + 1);
                return OperationStatus.Done;
            }
        }

        return OperationStatus.InvalidData;
    }

    private static int WriteBits(Span<byte> destination, ulong bits)
    {
        var length = 0;
        for (; bits >= 0x80; bits >>= 7)
            destination[length++] = (byte)(bits | 0x80);
        destination[length++] = (byte)bits;
        return length;
    }
}
