using System.Buffers;

namespace Kafka.Protocol;

/// <summary>Compresses and decompresses a batch's records with the codec in its attributes.</summary>
internal static class RecordCompression
{
    /// <summary>Writes <paramref name="source"/> compressed to <paramref name="destination"/>.</summary>
    public static void Compress(CompressionCodec codec, ReadOnlySpan<byte> source, IBufferWriter<byte> destination)
    {
        switch (codec)
        {
            case CompressionCodec.Gzip:
                GzipCodec.Compress(source, destination);
                break;
            case CompressionCodec.Snappy:
                SnappyCodec.Compress(source, destination);
                break;
            case CompressionCodec.Lz4:
                Lz4Codec.Compress(source, destination);
                break;
            case CompressionCodec.Zstd:
                ZstdCodec.Compress(source, destination);
                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(codec), codec, "There is no such codec.");
        }
    }

    /// <summary>Decompresses <paramref name="source"/> into a buffer that the caller disposes.</summary>
    /// <exception cref="ProtocolException">The bytes are damaged, or hold more than <paramref name="bytesMax"/>.</exception>
    public static PooledBuffer Decompress(CompressionCodec codec, ReadOnlySpan<byte> source, int bytesMax)
    {
        var destination = new PooledBuffer(bytesMax);
        try
        {
            switch (codec)
            {
                case CompressionCodec.Gzip:
                    GzipCodec.Decompress(source, destination);
                    break;
                case CompressionCodec.Snappy:
                    SnappyCodec.Decompress(source, destination);
                    break;
                case CompressionCodec.Lz4:
                    Lz4Codec.Decompress(source, destination);
                    break;
                case CompressionCodec.Zstd:
                    ZstdCodec.Decompress(source, destination, bytesMax);
                    break;
                default:
                    throw new ProtocolException($"There is no codec {(int)codec}.");
            }

            return destination;
        }
        catch (Exception failure)
        {
            destination.Dispose();

            // The libraries report damage in exceptions of their own, each with several; to a caller all mean the same.
            if (failure is ProtocolException or OutOfMemoryException)
                throw;
            throw new ProtocolException($"A batch's {codec} data is damaged: {failure.Message}", failure);
        }
    }
}
