using System.Buffers;
using System.Net;
using Grpc.Core;

namespace Grpc.Net.Client.Calls;

/// <summary>The body of a call with one request. It can be sent again where the server never looked at the first try.</summary>
internal sealed class SingleRequestContent<T>(ClientCall call, T request, Marshaller<T> marshaller) : HttpContent, ICallContent
    where T : class
{
    private int _tries;
    private int _length;
    private byte[]? _rented;
    private Task? _firstTry;

    /// <summary>The body of a request that is serialized already, into a rented array.</summary>
    public SingleRequestContent(ClientCall call, T request, Marshaller<T> marshaller, byte[] rented, int length)
        : this(call, request, marshaller) => (_rented, _length) = (rented, length);

    /// <summary>Gives the first try's bytes back, where they have left.</summary>
    public void Abort()
    {
        if (Volatile.Read(ref _firstTry) is { IsCompleted: true } && Interlocked.Exchange(ref _rented, null) is { } rented)
            ArrayPool<byte>.Shared.Return(rented);
    }

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) =>
        SerializeToStreamAsync(stream, context, CancellationToken.None);

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        // A further try is rare, and its array is left to the garbage collector: the call may be ending with the first one's.
        var isFirst = _tries++ == 0;
        var (rented, length) = (isFirst ? _rented : null, _length);
        try
        {
            if (rented is null)
                (rented, length) = ArrayMessage.WriteOne(request, marshaller, call.CompressorFor(call.Options.WriteOptions), call.Channel.MaxSendMessageBytes);
        }
        catch (RpcException exception)
        {
            // Not by way of the handler, which would wrap it.
            call.TryFinish(exception.Status);
            return Task.FromException(exception);
        }

        var writing = stream.WriteAsync(rented.AsMemory(0, length), cancellationToken).AsTask();
        if (isFirst)
        {
            _rented = rented;
            Volatile.Write(ref _firstTry, writing);
        }

        return writing;
    }

    protected override bool TryComputeLength(out long length)
    {
        length = 0;
        return false;
    }
}
