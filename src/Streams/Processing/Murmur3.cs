using System.Buffers.Binary;
using System.Numerics;

namespace Streams.Processing;

/// <summary>The hash by which Kafka Streams' foreign-key join tells whether a row is still what it was when it asked.</summary>
/// <remarks>Source: Austin Appleby's MurmurHash3, x64 variant of 128 bits; Kafka Streams fixes the seed.</remarks>
internal static class Murmur3
{
    private const ulong Seed = 104729;
    private const ulong First = 0x87c37b91114253d5;
    private const ulong Second = 0x4cf5ad432745937f;
    private const int BlockBytes = 16;

    public static Hash128 Hash(ReadOnlySpan<byte> bytes)
    {
        var (h1, h2) = (Seed, Seed);
        var length = (ulong)bytes.Length;
        for (; bytes.Length >= BlockBytes; bytes = bytes[BlockBytes..])
        {
            h1 ^= MixFirst(BinaryPrimitives.ReadUInt64LittleEndian(bytes));
            h1 = ((BitOperations.RotateLeft(h1, 27) + h2) * 5) + 0x52dce729;
            h2 ^= MixSecond(BinaryPrimitives.ReadUInt64LittleEndian(bytes[8..]));
            h2 = ((BitOperations.RotateLeft(h2, 31) + h1) * 5) + 0x38495ab5;
        }

        // The rest counts as a block filled up with zeros, which mix to nothing.
        Span<byte> tail = stackalloc byte[BlockBytes];
        tail.Clear();
        bytes.CopyTo(tail);
        h1 ^= MixFirst(BinaryPrimitives.ReadUInt64LittleEndian(tail));
        h2 ^= MixSecond(BinaryPrimitives.ReadUInt64LittleEndian(tail[8..]));

        h1 ^= length;
        h2 ^= length;
        h1 += h2;
        h2 += h1;
        h1 = Finish(h1);
        h2 = Finish(h2);
        h1 += h2;
        h2 += h1;
        return new(h1, h2);
    }

    private static ulong MixFirst(ulong block) => BitOperations.RotateLeft(block * First, 31) * Second;

    private static ulong MixSecond(ulong block) => BitOperations.RotateLeft(block * Second, 33) * First;

    private static ulong Finish(ulong hash)
    {
        hash = (hash ^ (hash >> 33)) * 0xff51afd7ed558ccd;
        hash = (hash ^ (hash >> 33)) * 0xc4ceb9fe1a85ec53;
        return hash ^ (hash >> 33);
    }
}

/// <summary>128 bits of hash, as Kafka Streams keeps them: two longs.</summary>
internal readonly record struct Hash128(ulong High, ulong Low);
