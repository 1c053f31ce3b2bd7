using System.Buffers;
using K4os.Compression.LZ4;
using K4os.Compression.LZ4.Streams;

namespace Kafka.Protocol;

/// <summary>The LZ4 frame format. Blocks are independent: the Java client refuses linked ones.</summary>
internal static class Lz4Codec
{
    private static readonly LZ4EncoderSettings Settings = new()
    {
        ChainBlocks = false,
        BlockSize = 64 * 1024,
        CompressionLevel = LZ4Level.L00_FAST,
    };

    public static void Compress(ReadOnlySpan<byte> source, IBufferWriter<byte> destination) =>
        LZ4Frame.Encode(source, destination, Settings);

    public static void Decompress(ReadOnlySpan<byte> source, PooledBuffer destination) =>
        LZ4Frame.Decode(source, destination);
}
