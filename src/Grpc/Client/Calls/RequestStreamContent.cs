using System.Net;
using Grpc.Core;

namespace Grpc.Net.Client.Calls;

/// <summary>The body of a call whose requests come one by one: it lends the request stream to what writes them until that is done.</summary>
internal sealed class RequestStreamContent : HttpContent, ICallContent
{
    private readonly TaskCompletionSource<Stream> _opened = new(TaskCreationOptions.RunContinuationsAsynchronously);

    // Its continuation is what ends the HTTP/2 stream. It runs inside Complete, so that a Dispose right after cannot overtake it.
    private readonly TaskCompletionSource _closed = new();

    private RequestFlush? _flush;
    private bool _isAborted;

    /// <summary>The request stream, once the headers are on their way.</summary>
    public Task<Stream> Opened => _opened.Task;

    /// <summary>What is to be stopped when the call is over.</summary>
    public void Attach(RequestFlush flush)
    {
        // Of this and the end, whichever is second sees the other.
        Interlocked.Exchange(ref _flush, flush);
        if (Volatile.Read(ref _isAborted))
            flush.Stop();
    }

    /// <summary>No request follows.</summary>
    public void Complete() => _closed.TrySetResult();

    public void Abort()
    {
        _opened.TrySetCanceled();
        _closed.TrySetCanceled();
        Interlocked.Exchange(ref _isAborted, true);
        Volatile.Read(ref _flush)?.Stop();
    }

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) =>
        SerializeToStreamAsync(stream, context, CancellationToken.None);

    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        // The server must see the call before its first request: it may be the one that speaks first.
        await stream.FlushAsync(cancellationToken).ConfigureAwait(false);

        // The handler sends a request again when a server refuses the stream. Requests that left are gone.
        if (!_opened.TrySetResult(stream) && _opened.Task.IsCompletedSuccessfully)
            throw new RpcException(new Status(StatusCode.Unavailable, "The server refused the stream, and its requests cannot be sent again."));

        // The handler cancels once the stream is lost: reset, refused, or gone with its connection. It knows why and says so to whoever waits for
        // the response, unless this ends with an exception: then that is what it tells, and a refused stream would look like a cancelled call.
        using var lost = cancellationToken.UnsafeRegister(static closed => ((TaskCompletionSource)closed!).TrySetResult(), _closed);
        await _closed.Task.ConfigureAwait(false);
    }

    protected override bool TryComputeLength(out long length)
    {
        length = 0;
        return false;
    }
}
