using System.Numerics;
using System.Runtime.InteropServices;

namespace NodeAgent.Queue;

/// <summary>CRC-32C (Castagnoli), the checksum of queue entries.</summary>
/// <remarks>Source: RFC 3720, appendix B.4. The processor's own instruction does the work where it has one.</remarks>
internal static class Crc32C
{
    public static uint Of(ReadOnlySpan<byte> bytes)
    {
        var crc = uint.MaxValue;
        var words = MemoryMarshal.Cast<byte, ulong>(bytes);
        foreach (var word in words)
            crc = BitOperations.Crc32C(crc, BitConverter.IsLittleEndian ? word : System.Buffers.Binary.BinaryPrimitives.ReverseEndianness(word));
        foreach (var b in bytes[(words.Length * sizeof(ulong))..])
            crc = BitOperations.Crc32C(crc, b);
        return ~crc;
    }
}
