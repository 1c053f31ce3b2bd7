using System.Buffers;
using System.Net;
using Grpc.Core;
using Grpc.Wire;

namespace Grpc.Net.Client.Calls;

/// <summary>The body of a call with one request that any server takes in one go, however soon it answers.</summary>
/// <remarks>
/// .NET's handler waits for the body of such content before it looks for the response, which spares it waiting for both at once. A longer request
/// could wait in vain there: for room on its way to a server that has answered already, and reads no more.
/// It comes with the HTTP request around it, and both serve one call after the other (<see cref="BriefRequests"/>).
/// </remarks>
internal sealed class BriefRequestContent : ByteArrayContent, ICallContent
{
    /// <summary>A quarter of the window that HTTP/2 gives each stream, unless a server says otherwise.</summary>
    private const int BytesMax = 16 * 1024;

    private readonly int _headersMade;
    private int _length;
    private byte[]? _rented;
    private byte[]? _kept;
    private Task? _writing;

    /// <param name="channel">The channel whose calls it serves.</param>
    public BriefRequestContent(GrpcChannel channel)
        : base([])
    {
        Request = channel.CreateRequest(this);
        _headersMade = CountHeaders();
    }

    /// <summary>The request that this is the body of: all but its address, and headers of its call.</summary>
    public HttpRequestMessage Request { get; }

    /// <summary>True for one whose headers its caller has a say in.</summary>
    public bool ServesOneCall { get; init; }

    /// <summary>Whether its bytes have left, once, and nobody has added a header on the way.</summary>
    public bool IsAsMade =>
        !ServesOneCall && _writing is { IsCompletedSuccessfully: true } && _rented is null && _kept is null && CountHeaders() == _headersMade;

    /// <summary>The body of a call with one request, brief where the request is.</summary>
    public static HttpContent Create<T>(ClientCall call, T request, Marshaller<T> marshaller)
        where T : class
    {
        // What compresses it is found only when the whole request is made.
        if (call.Options.Headers?.GetValue(WireHeaders.EncodingRequest) is not null)
            return new SingleRequestContent<T>(call, request, marshaller);
        try
        {
            var (rented, length) = ArrayMessage.WriteOne(request, marshaller, compressor: null, call.Channel.MaxSendMessageBytes);
            if (length > BytesMax)
                return new SingleRequestContent<T>(call, request, marshaller, rented, length);
            var content = call.Options.Headers is { Count: > 0 } ? new(call.Channel) { ServesOneCall = true } : call.Channel.BriefRequests.Rent();
            (content._rented, content._length, content._writing) = (rented, length, null);
            return content;
        }
        catch (RpcException exception)
        {
            call.TryFinish(exception.Status);
            return new SingleRequestContent<T>(call, request, marshaller);
        }
    }

    /// <summary>Gives the bytes back, where they have left.</summary>
    public void Abort()
    {
        if (Volatile.Read(ref _writing) is { IsCompleted: true } && Interlocked.Exchange(ref _rented, null) is { } rented)
            ArrayPool<byte>.Shared.Return(rented);
    }

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) =>
        SerializeToStreamAsync(stream, context, CancellationToken.None);

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        if (_writing is not null || _kept is not null)
            return WriteAgainAsync(stream, cancellationToken);
        var writing = stream.WriteAsync(_rented.AsMemory(0, _length), cancellationToken).AsTask();
        Volatile.Write(ref _writing, writing);
        return writing;
    }

    protected override bool TryComputeLength(out long length)
    {
        length = 0;
        return false;
    }

    private int CountHeaders() => Request.Headers.NonValidated.Count + Headers.NonValidated.Count;

    // The three below are what the base class does with an array that it is made with, for whoever looks at the body on its way.
    protected override void SerializeToStream(Stream stream, TransportContext? context, CancellationToken cancellationToken) =>
        stream.Write(Keep().Span);

    protected override Stream CreateContentReadStream(CancellationToken cancellationToken) => new MemoryStream(Keep().ToArray(), writable: false);

    protected override Task<Stream> CreateContentReadStreamAsync() => Task.FromResult(CreateContentReadStream(CancellationToken.None));

    private async Task WriteAgainAsync(Stream stream, CancellationToken cancellation) => await stream.WriteAsync(Keep(), cancellation).ConfigureAwait(false);

    // The call may be ending meanwhile, and give the bytes back: so they are taken away from it first.
    private ReadOnlyMemory<byte> Keep()
    {
        _kept ??= Interlocked.Exchange(ref _rented, null);
        return _kept is null ? throw new OperationCanceledException("The call is over.") : _kept.AsMemory(0, _length);
    }
}
