using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;

namespace Kafka.Protocol;

/// <summary>CRC-32C (Castagnoli), the checksum of record batches. The more common IEEE CRC-32 is a different polynomial.</summary>
/// <remarks>Source: RFC 3720, appendix B.4. The processor's instruction does the work where there is one; a table does elsewhere.</remarks>
public static class Crc32C
{
    private static readonly uint[] Table = BuildTable();

    /// <summary>The checksum of <paramref name="source"/>.</summary>
    public static uint Compute(ReadOnlySpan<byte> source) => Append(0, source);

    /// <summary>The checksum of what <paramref name="crc"/> covers followed by <paramref name="source"/>; 0 covers nothing.</summary>
    public static uint Append(uint crc, ReadOnlySpan<byte> source)
    {
        var state = ~crc;
        if (Sse42.X64.IsSupported)
            state = AppendSse42(state, source);
        else if (Crc32.Arm64.IsSupported)
            state = AppendArm64(state, source);
        else
            state = AppendTable(state, source);
        return ~state;
    }

    private static uint AppendSse42(uint state, ReadOnlySpan<byte> source)
    {
        ulong wide = state;
        var words = MemoryMarshal.Cast<byte, ulong>(source);
        foreach (var word in words)
            wide = Sse42.X64.Crc32(wide, word);
        state = (uint)wide;
        foreach (var octet in source[(words.Length * sizeof(ulong))..])
            state = Sse42.Crc32(state, octet);
        return state;
    }

    private static uint AppendArm64(uint state, ReadOnlySpan<byte> source)
    {
        var words = MemoryMarshal.Cast<byte, ulong>(source);
        foreach (var word in words)
            state = Crc32.Arm64.ComputeCrc32C(state, word);
        foreach (var octet in source[(words.Length * sizeof(ulong))..])
            state = Crc32.ComputeCrc32C(state, octet);
        return state;
    }

    internal static uint AppendTable(uint state, ReadOnlySpan<byte> source)
    {
        foreach (var octet in source)
            state = Table[(byte)(state ^ octet)] ^ (state >> 8);
        return state;
    }

    private static uint[] BuildTable()
    {
        const uint reversedPolynomial = 0x82F63B78;
        var table = new uint[256];
        for (uint i = 0; i < table.Length; i++)
        {
            var entry = i;
            for (var bit = 0; bit < 8; bit++)
                entry = (entry & 1) != 0 ? (entry >> 1) ^ reversedPolynomial : entry >> 1;
            table[i] = entry;
        }

        return table;
    }
}
