using System.Buffers;
using System.Runtime.CompilerServices;
using Grpc.Core;
using Grpc.Wire;

namespace Grpc.Net.Client.Calls;

/// <summary>Reads the response of a call that has just one. It begins when the response does, so that it waits little and holds its buffer meanwhile.</summary>
internal static class SingleResponse
{
    private const int FirstBufferBytes = 4 * 1024;

    // What a prefix may take by its promise alone. It may promise more than ever comes, so beyond this memory grows with what has come.
    private const int PromisedBytesMax = 256 * 1024;

    /// <summary>Reads the one response, and sees that nothing follows it; null where the stream has none.</summary>
    /// <exception cref="RpcException">INTERNAL: it is no message, or not the only one. RESOURCE_EXHAUSTED: it is larger than the limit.</exception>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public static async ValueTask<T?> ReadAsync<T>(
        Stream stream, string? encoding, CompressionNames compression, int? maxBytes, Marshaller<T> marshaller, CancellationToken cancellation)
        where T : class
    {
        T? message = null;
        var held = 0;
        var buffer = ArrayPool<byte>.Shared.Rent(FirstBufferBytes);
        try
        {
            while (await stream.ReadAsync(buffer.AsMemory(held), cancellation).ConfigureAwait(false) is > 0 and var read)
            {
                if (message is not null)
                    throw MoreThanOne();
                held += read;
                message = Take(buffer.AsMemory(0, held), encoding, compression, maxBytes, marshaller, out var frameBytes);
                if (message is not null)
                    held = 0;
                else if (frameBytes > buffer.Length && (held == buffer.Length || buffer.Length < PromisedBytesMax))
                    Grow(ref buffer, held, frameBytes);
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }

        return held == 0 ? message : throw new RpcException(MessageFrame.Explain(FrameState.Partial, 0, maxBytes));
    }

    private static T? Take<T>(
        ReadOnlyMemory<byte> held, string? encoding, CompressionNames compression, int? maxBytes, Marshaller<T> marshaller, out long frameBytes)
        where T : class
    {
        var data = new ReadOnlySequence<byte>(held);
        var state = MessageFrame.Read(ref data, maxBytes, out var payload, out var length, out var isCompressed);
        frameBytes = MessageFrame.PrefixBytes + (long)length;
        var compressor = isCompressed ? ResponseMessages.FindCompressor(encoding, compression) : null;
        return state switch
        {
            FrameState.Partial => null,
            FrameState.Whole when !data.IsEmpty => throw MoreThanOne(),
            FrameState.Whole => ReceivedMessage.ReadOne(payload, marshaller, compressor, maxBytes),
            _ => throw new RpcException(MessageFrame.Explain(state, length, maxBytes)),
        };
    }

    private static void Grow(ref byte[] buffer, int held, long frameBytes)
    {
        var larger = ArrayPool<byte>.Shared.Rent((int)Math.Min(Math.Min(frameBytes, Math.Max(2L * buffer.Length, PromisedBytesMax)), Array.MaxLength));
        buffer.AsSpan(0, held).CopyTo(larger);
        ArrayPool<byte>.Shared.Return(buffer);
        buffer = larger;
    }

    private static RpcException MoreThanOne() =>
        new(new Status(StatusCode.Internal, "More than one response came from a method that gives one."));
}
