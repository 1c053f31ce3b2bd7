using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.IO.Pipelines;
using Grpc.Core;
using Grpc.Wire;

namespace Grpc.AspNetCore.Server.Calls;

/// <summary>Reads the request of a call that has just one, in place, out of the request body.</summary>
/// <remarks>It is complete once nothing can follow it. Until then what has come of it is either the message or still in the body.</remarks>
internal static class SingleRequest
{
    /// <summary>Reads the one request where all of it has come; otherwise what comes next is to be given to <see cref="Take"/>.</summary>
    /// <inheritdoc cref="Take"/>
    public static bool TryRead<T>(ServerCall call, Marshaller<T> marshaller, [NotNullWhen(true)] ref T? message)
        where T : class
    {
        var body = call.HttpContext.Request.BodyReader;
        while (body.TryRead(out var read))
        {
            if (Take(read, call, marshaller, ref message))
                return true;
        }

        return false;
    }

    /// <summary>Takes what has come, and sees that nothing follows the one request. False where more is to come.</summary>
    /// <exception cref="RpcException">INTERNAL: it is no message, or not the only one. RESOURCE_EXHAUSTED: it is larger than the limit.</exception>
    public static bool Take<T>(in ReadResult read, ServerCall call, Marshaller<T> marshaller, [NotNullWhen(true)] ref T? message)
        where T : class
    {
        var buffer = read.Buffer;
        message ??= Read(ref buffer, read.IsCompleted, call, marshaller);
        if (message is not null && !buffer.IsEmpty)
            throw new RpcException(new Status(StatusCode.Internal, "More than one request came for a method that takes one."));

        call.HttpContext.Request.BodyReader.AdvanceTo(buffer.Start, buffer.End);
        if (!read.IsCompleted)
            return false;
        return message is not null
            ? true
            : throw new RpcException(new Status(StatusCode.Internal, "No request came for a method that takes one."));
    }

    private static T? Read<T>(ref ReadOnlySequence<byte> buffer, bool isLast, ServerCall call, Marshaller<T> marshaller)
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
