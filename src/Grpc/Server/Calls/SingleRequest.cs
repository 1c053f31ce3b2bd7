using System.Buffers;
using System.IO.Pipelines;
using System.Runtime.CompilerServices;
using Grpc.Core;
using Grpc.Wire;
using Microsoft.AspNetCore.Http;

namespace Grpc.AspNetCore.Server.Calls;

/// <summary>Reads the request of a call that has just one, in place, out of the request body.</summary>
internal static class SingleRequest
{
    /// <summary>Reads the one request, and sees that nothing follows it.</summary>
    /// <exception cref="RpcException">INTERNAL: it is no message, or not the only one. RESOURCE_EXHAUSTED: it is larger than the limit.</exception>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public static async ValueTask<T> ReadAsync<T>(ServerCall call, Marshaller<T> marshaller)
        where T : class
    {
        var body = call.HttpContext.Request.BodyReader;
        T? message = null;
        while (true)
        {
            ReadResult read;
            try
            {
                read = await body.ReadAsync(CancellationToken.None).ConfigureAwait(false);
            }
            catch (IOException exception) when (exception is not BadHttpRequestException)
            {
                throw call.CutOff(exception);
            }

            var buffer = read.Buffer;
            message ??= Take(ref buffer, read.IsCompleted, call, marshaller);
            if (message is not null && !buffer.IsEmpty)
                throw new RpcException(new Status(StatusCode.Internal, "More than one request came for a method that takes one."));

            body.AdvanceTo(buffer.Start, buffer.End);
            if (read.IsCompleted)
                return message ?? throw new RpcException(new Status(StatusCode.Internal, "No request came for a method that takes one."));
        }
    }

    private static T? Take<T>(ref ReadOnlySequence<byte> buffer, bool isLast, ServerCall call, Marshaller<T> marshaller)
        where T : class
    {
        var maxBytes = call.Served.Options.MaxReceiveMessageBytes;
        var state = MessageFrame.Read(ref buffer, maxBytes, out var payload, out var length, out var isCompressed);
        var compressor = isCompressed ? RequestMessages.FindCompressor(call.HttpContext.Request.Headers, call.Served.Options) : null;
        if (state == FrameState.Whole)
        {
            var message = ReceivedMessage.ReadOne(payload, marshaller, compressor, maxBytes);
            call.Served.Metrics.Received();
            return message;
        }

        return state == FrameState.Partial && (!isLast || buffer.IsEmpty)
            ? null
            : throw new RpcException(MessageFrame.Explain(state, length, maxBytes));
    }
}
