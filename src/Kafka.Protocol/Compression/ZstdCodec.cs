using System.Buffers;
using System.Numerics;
using ZstdSharp;
using ZstdSharp.Unsafe;

namespace Kafka.Protocol;

/// <summary>Zstandard. Frames may lack their content's size, so they are read as a stream.</summary>
internal static class ZstdCodec
{
    public static void Compress(ReadOnlySpan<byte> source, IBufferWriter<byte> destination)
    {
        using var compressor = new Compressor();
        var room = destination.GetSpan(Compressor.GetCompressBound(source.Length));
        destination.Advance(compressor.Wrap(source, room));
    }

    public static void Decompress(ReadOnlySpan<byte> source, PooledBuffer destination, int bytesMax)
    {
        using var decompressor = new Decompressor();

        // A frame names the window it wants allocated; none needs more than what may come out.
        decompressor.SetParameter(ZSTD_dParameter.ZSTD_d_windowLogMax, Math.Clamp(BitOperations.Log2((uint)bytesMax) + 1, 10, 27));
        var status = OperationStatus.NeedMoreData;
        while (!source.IsEmpty || status == OperationStatus.DestinationTooSmall)
        {
            status = decompressor.UnwrapStream(source, destination.GetSpan(), out var consumed, out var written);
            if (status == OperationStatus.InvalidData || (consumed == 0 && written == 0))
                throw new ProtocolException("A batch's zstd data is damaged.");
            source = source[consumed..];
            destination.Advance(written);
        }

        if (status != OperationStatus.Done)
            throw new ProtocolException("A batch's zstd data ends too early.");
    }
}
