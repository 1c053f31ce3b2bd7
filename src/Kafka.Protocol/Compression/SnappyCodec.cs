using System.Buffers;
using System.Buffers.Binary;
using Snappier;

namespace Kafka.Protocol;

/// <summary>
/// Snappy as Kafka has it: written in the framing of the Java library (xerial), read with it or without, since librdkafka sends bare
/// blocks.
/// </summary>
/// <remarks>The framing: eight magic bytes, two version numbers, then blocks with their lengths in front, all big-endian.</remarks>
internal static class SnappyCodec
{
    private const int HeaderBytes = 16;
    private const int BlockBytes = 32 * 1024;

    private static ReadOnlySpan<byte> Magic => [0x82, (byte)'S', (byte)'N', (byte)'A', (byte)'P', (byte)'P', (byte)'Y', 0];

    public static void Compress(ReadOnlySpan<byte> source, IBufferWriter<byte> destination)
    {
        var header = destination.GetSpan(HeaderBytes);
        Magic.CopyTo(header);
        BinaryPrimitives.WriteInt32BigEndian(header[8..], 1);
        BinaryPrimitives.WriteInt32BigEndian(header[12..], 1);
        destination.Advance(HeaderBytes);
        while (!source.IsEmpty)
        {
            var block = source[..Math.Min(BlockBytes, source.Length)];
            var room = destination.GetSpan(sizeof(int) + Snappy.GetMaxCompressedLength(block.Length));
            var length = Snappy.Compress(block, room[sizeof(int)..]);
            BinaryPrimitives.WriteInt32BigEndian(room, length);
            destination.Advance(sizeof(int) + length);
            source = source[block.Length..];
        }
    }

    public static void Decompress(ReadOnlySpan<byte> source, PooledBuffer destination)
    {
        if (!source.StartsWith(Magic))
        {
            DecompressBlock(source, destination);
            return;
        }

        if (source.Length < HeaderBytes)
            throw new ProtocolException("A batch's snappy framing ends inside its header.");
        source = source[HeaderBytes..];
        while (!source.IsEmpty)
        {
            if (source.Length < sizeof(int))
                throw new ProtocolException("A batch's snappy framing ends inside a block's length.");
            var length = BinaryPrimitives.ReadInt32BigEndian(source);
            source = source[sizeof(int)..];
            if (length <= 0 || length > source.Length)
                throw new ProtocolException($"A snappy block claims {length} of the {source.Length} bytes left.");
            DecompressBlock(source[..length], destination);
            source = source[length..];
        }
    }

    private static void DecompressBlock(ReadOnlySpan<byte> block, PooledBuffer destination)
    {
        var length = Snappy.GetUncompressedLength(block);

        // Snappy's best is about 1:21; a block that promises far more is lying about what to allocate.
        if (length < 0 || length / 64 > block.Length)
            throw new ProtocolException($"A snappy block of {block.Length} bytes claims to hold {length}.");
        destination.Advance(Snappy.Decompress(block, destination.GetSpan(length)));
    }
}
