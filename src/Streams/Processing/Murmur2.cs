using System.Buffers.Binary;

namespace Streams.Processing;

/// <summary>The hash by which Kafka's Java client spreads keys over partitions.</summary>
/// <remarks>Source: Austin Appleby's MurmurHash2, 32 bit; Kafka fixes the seed and uses the low 31 bits.</remarks>
internal static class Murmur2
{
    private const uint Seed = 0x9747b28c;
    private const uint Multiplier = 0x5bd1e995;

    public static int Partition(ReadOnlySpan<byte> key, int partitions) => (int)(Hash(key) & 0x7fffffff) % partitions;

    public static uint Hash(ReadOnlySpan<byte> bytes)
    {
        var hash = Seed ^ (uint)bytes.Length;
        while (bytes.Length >= 4)
        {
            var k = BinaryPrimitives.ReadUInt32LittleEndian(bytes) * Multiplier;
            k ^= k >> 24;
            hash = (hash * Multiplier) ^ (k * Multiplier);
            bytes = bytes[4..];
        }

        if (bytes.Length == 3)
            hash ^= (uint)bytes[2] << 16;
        if (bytes.Length >= 2)
            hash ^= (uint)bytes[1] << 8;
        if (bytes.Length >= 1)
            hash = (hash ^ bytes[0]) * Multiplier;

        hash = (hash ^ (hash >> 13)) * Multiplier;
        return hash ^ (hash >> 15);
    }
}
