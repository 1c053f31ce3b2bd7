using System.Buffers;
using System.IO.Compression;

namespace Kafka.Protocol;

/// <summary>gzip through the platform's zlib.</summary>
internal static class GzipCodec
{
    public static void Compress(ReadOnlySpan<byte> source, IBufferWriter<byte> destination)
    {
        using var compressed = new MemoryStream();
        using (var gzip = new GZipStream(compressed, CompressionLevel.Optimal, leaveOpen: true))
            gzip.Write(source);
        destination.Write(compressed.GetBuffer().AsSpan(0, (int)compressed.Length));
    }

    public static unsafe void Decompress(ReadOnlySpan<byte> source, PooledBuffer destination)
    {
        fixed (byte* front = source)
        {
            using var compressed = new UnmanagedMemoryStream(front, source.Length);
            using var gzip = new GZipStream(compressed, CompressionMode.Decompress);
            int read;
            while ((read = gzip.Read(destination.GetSpan())) > 0)
                destination.Advance(read);
        }
    }
}
