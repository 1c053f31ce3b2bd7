using System.Buffers;
using System.IO.Compression;
using Grpc.Core;
using Grpc.Net.Compression;

namespace Grpc.Wire;

/// <summary>Compresses and decompresses whole messages one way. No message knows anything of the one before.</summary>
internal sealed class MessageCompressor(ICompressionProvider provider, CompressionLevel? level)
{
    private const int FirstBufferBytes = 4 * 1024;

    /// <summary>Writes a message, compressed, to the end of a buffer.</summary>
    public void Compress(ReadOnlySpan<byte> message, RentedStream destination)
    {
        using var compressing = provider.CreateCompressionStream(destination, level);
        compressing.Write(message);
    }

    /// <summary>Decompresses a message into a rented array, whose first bytes are the message.</summary>
    /// <exception cref="RpcException">RESOURCE_EXHAUSTED: it grows past the limit. INTERNAL: it is not what its encoding says.</exception>
    public (byte[] Rented, int Length) Decompress(in ReadOnlySequence<byte> message, int? maxBytes)
    {
        var rented = ArrayPool<byte>.Shared.Rent(FirstBufferBytes);
        var length = 0;
        try
        {
            using var decompressing = provider.CreateDecompressionStream(new SequenceStream(message));
            while (true)
            {
                var read = decompressing.Read(rented, length, rented.Length - length);
                if (read == 0)
                    return (rented, length);

                // A few bytes can hold gigabytes, so what counts is what comes out.
                length += read;
                if (length > (maxBytes ?? Array.MaxLength))
                {
                    throw new RpcException(new Status(
                        StatusCode.ResourceExhausted, $"Received message exceeds the limit of {maxBytes ?? Array.MaxLength} bytes once decompressed."));
                }

                if (length == rented.Length)
                    Grow(ref rented, length);
            }
        }
        catch (Exception exception)
        {
            ArrayPool<byte>.Shared.Return(rented);
            throw exception is RpcException ? exception : new RpcException(new Status(
                StatusCode.Internal, $"Received message is no {provider.EncodingName}.", exception));
        }
    }

    private static void Grow(ref byte[] rented, int length)
    {
        var larger = ArrayPool<byte>.Shared.Rent((int)Math.Min(2L * length, Array.MaxLength));
        rented.AsSpan(0, length).CopyTo(larger);
        ArrayPool<byte>.Shared.Return(rented);
        rented = larger;
    }
}
