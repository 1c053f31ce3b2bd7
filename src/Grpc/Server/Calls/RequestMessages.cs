using System.Buffers;
using System.IO.Pipelines;
using System.Runtime.CompilerServices;
using Grpc.Core;
using Grpc.Wire;
using Microsoft.AspNetCore.Http;

namespace Grpc.AspNetCore.Server.Calls;

/// <summary>Reads a call's requests, in place, out of the request body.</summary>
internal sealed class RequestMessages(ServerCall call)
{
    // What is used is given back before all is, so that the client's window opens again while the rest is worked on.
    private const int UsedBytesMax = 64 * 1024;

    private readonly PipeReader _body = call.HttpContext.Request.BodyReader;
    private readonly ReceivedMessage _received = new();
    private MessageCompressor? _compressor;
    private ReadOnlySequence<byte> _held;
    private bool _isHeld;
    private bool _isLast;
    private long _fetchedBytes;

    /// <summary>Reads the next request; null at the end of the stream.</summary>
    public ValueTask<T?> ReadNextAsync<T>(Marshaller<T> marshaller, CancellationToken cancellation)
        where T : class
    {
        if (!_isHeld || !TryRead(ref _held, _isLast, marshaller, out var message))
            return FetchNextAsync(marshaller, cancellation);
        if (_fetchedBytes - _held.Length >= UsedBytesMax)
            LetGo(examined: _held.Start);
        return new(message);
    }

    // What came together is read together: the pipe is asked again when all of it is used up.
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<T?> FetchNextAsync<T>(Marshaller<T> marshaller, CancellationToken cancellation)
        where T : class
    {
        while (true)
        {
            if (_isHeld)
            {
                LetGo(examined: _held.End);
                if (_isLast)
                    return null;
            }

            ReadResult read;
            try
            {
                read = await _body.ReadAsync(cancellation).ConfigureAwait(false);
            }
            catch (IOException exception) when (exception is not BadHttpRequestException)
            {
                throw call.CutOff(exception);
            }

            (_held, _isLast, _isHeld, _fetchedBytes) = (read.Buffer, read.IsCompleted, true, read.Buffer.Length);
            if (TryRead(ref _held, _isLast, marshaller, out var message))
                return message;
        }
    }

    private void LetGo(SequencePosition examined)
    {
        var used = _held.Start;
        (_held, _isHeld) = (default, false);
        _body.AdvanceTo(used, examined);
    }

    private bool TryRead<T>(
        ref ReadOnlySequence<byte> buffer, bool isLast, Marshaller<T> marshaller, out T? message)
        where T : class
    {
        message = null;
        var maxBytes = call.Served.Options.MaxReceiveMessageBytes;
        var state = MessageFrame.Read(ref buffer, maxBytes, out var payload, out var length, out var isCompressed);
        if (isCompressed)
            _compressor ??= FindCompressor(call.HttpContext.Request.Headers, call.Served.Options);
        if (state == FrameState.Whole)
        {
            message = isCompressed
                ? _received.Read(payload, marshaller, _compressor!, maxBytes)
                : _received.Read(payload, marshaller);
            call.Served.Metrics.Received();
            return true;
        }

        if (state != FrameState.Partial || (isLast && !buffer.IsEmpty))
            throw new RpcException(MessageFrame.Explain(state, length, maxBytes));
        return false;
    }

    /// <summary>What decompresses a request that is flagged as compressed.</summary>
    /// <exception cref="RpcException">INTERNAL: no compression is named. UNIMPLEMENTED: it is not known here; the trailers say what is.</exception>
    public static MessageCompressor FindCompressor(IHeaderDictionary headers, MethodOptions options)
    {
        var encoding = headers.GrpcEncoding.ToString();
        if (encoding is "" or WireHeaders.Identity)
            throw new RpcException(new Status(StatusCode.Internal, "A request is flagged as compressed, and grpc-encoding names no compression."));
        return options.Compression.Find(encoding) is { } provider
            ? new(provider, level: null)
            : throw new RpcException(
                new Status(StatusCode.Unimplemented, $"Compression '{encoding}' is not supported."),
                new Metadata { Metadata.Entry.Received(WireHeaders.AcceptEncoding, options.Compression.Accepted) });
    }
}
