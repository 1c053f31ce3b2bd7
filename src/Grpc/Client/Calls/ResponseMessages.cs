using System.Buffers;
using System.Runtime.CompilerServices;
using Grpc.Core;
using Grpc.Wire;

namespace Grpc.Net.Client.Calls;

/// <summary>Reads a call's responses out of its response stream. While it waits for a message it holds no buffer.</summary>
internal sealed class ResponseMessages(Stream stream, string? encoding, CompressionNames compression, int? maxBytes)
{
    private const int FirstBufferBytes = 16 * 1024;
    private const int StreamBufferBytes = 64 * 1024;

    private readonly ReceivedMessage _received = new();
    private MessageCompressor? _compressor;
    private byte[]? _buffer;
    private int _bufferBytes = FirstBufferBytes;
    private int _start;
    private int _end;

    public static async ValueTask<ResponseMessages> OpenAsync(HttpResponseMessage response, GrpcChannel channel, CancellationToken cancellation) =>
        new(await response.Content.ReadAsStreamAsync(cancellation).ConfigureAwait(false), EncodingOf(response), channel.Compression, channel.MaxReceiveMessageBytes);

    /// <summary>What a response says its messages are compressed with; null for nothing.</summary>
    public static string? EncodingOf(HttpResponseMessage response) =>
        response.Headers.NonValidated.TryGetValues(WireHeaders.Encoding, out var values) ? values.ToString() : null;

    /// <summary>What decompresses a response that is flagged as compressed.</summary>
    /// <exception cref="RpcException">INTERNAL: no encoding is named, or one that was not offered.</exception>
    public static MessageCompressor FindCompressor(string? encoding, CompressionNames compression)
    {
        if (encoding is null or WireHeaders.Identity)
            throw new RpcException(new Status(StatusCode.Internal, "A response is flagged as compressed, and grpc-encoding names no compression."));
        return compression.Find(encoding) is { } provider
            ? new(provider, level: null)
            : throw new RpcException(new Status(StatusCode.Internal, $"A response is compressed with '{encoding}', which was not offered."));
    }

    /// <summary>Reads the next response; null at the end of the stream.</summary>
    public ValueTask<T?> ReadNextAsync<T>(Marshaller<T> marshaller, CancellationToken cancellation)
        where T : class
    {
        long frameBytes;
        try
        {
            if (TryTake(marshaller, out var message, out frameBytes))
                return new(message);
        }
        catch (Exception exception)
        {
            return ValueTask.FromException<T?>(exception);
        }

        return FetchNextAsync(marshaller, frameBytes, cancellation);
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<T?> FetchNextAsync<T>(Marshaller<T> marshaller, long frameBytes, CancellationToken cancellation)
        where T : class
    {
        while (true)
        {
            if (_start == _end)
            {
                ReturnBuffer();
                await stream.ReadAsync(Memory<byte>.Empty, cancellation).ConfigureAwait(false);
            }

            MakeRoom(frameBytes);
            var read = await stream.ReadAsync(_buffer.AsMemory(_end), cancellation).ConfigureAwait(false);
            if (read == 0)
                break;
            _end += read;

            // Where more is there than was asked for, more is asked for the next time.
            _bufferBytes = _end == _buffer!.Length ? StreamBufferBytes : FirstBufferBytes;
            if (TryTake(marshaller, out var message, out frameBytes))
                return message;
        }

        if (_start != _end)
            throw new RpcException(MessageFrame.Explain(FrameState.Partial, 0, maxBytes));
        ReturnBuffer();
        return null;
    }

    private bool TryTake<T>(Marshaller<T> marshaller, out T? message, out long frameBytes)
        where T : class
    {
        (message, frameBytes) = (null, 0);
        if (_start == _end)
            return false;

        var state = MessageFrame.Read(_buffer.AsSpan(_start, _end - _start), maxBytes, out var length, out var isCompressed);
        if (isCompressed)
            _compressor ??= FindCompressor(encoding, compression);
        if (state == FrameState.Whole)
        {
            var payload = new ReadOnlySequence<byte>(_buffer!, _start + MessageFrame.PrefixBytes, (int)length);
            message = isCompressed
                ? _received.Read(payload, marshaller, _compressor!, maxBytes)
                : _received.Read(payload, marshaller);
            _start += MessageFrame.PrefixBytes + (int)length;
            return true;
        }

        if (state != FrameState.Partial)
            throw new RpcException(MessageFrame.Explain(state, length, maxBytes));
        frameBytes = MessageFrame.PrefixBytes + (long)length;
        return false;
    }

    private void MakeRoom(long frameBytes)
    {
        if (_buffer is null)
        {
            _buffer = ArrayPool<byte>.Shared.Rent(_bufferBytes);
            return;
        }

        if (_end < _buffer.Length && (_start == 0 || _start + frameBytes <= _buffer.Length))
            return;
        if (_start > 0)
        {
            Move(to: _buffer);
            return;
        }

        // A prefix may promise more than ever comes, so memory grows with what has come.
        var larger = ArrayPool<byte>.Shared.Rent((int)Math.Min(Math.Min(frameBytes, 2L * _buffer.Length), Array.MaxLength));
        var smaller = _buffer;
        Move(to: larger);
        ArrayPool<byte>.Shared.Return(smaller);
    }

    private void Move(byte[] to)
    {
        var held = _end - _start;
        _buffer.AsSpan(_start, held).CopyTo(to);
        (_buffer, _start, _end) = (to, 0, held);
    }

    private void ReturnBuffer()
    {
        if (_buffer is null)
            return;
        ArrayPool<byte>.Shared.Return(_buffer);
        (_buffer, _start, _end) = (null, 0, 0);
    }
}
