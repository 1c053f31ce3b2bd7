using Grpc.Core;

namespace Grpc.Net.Client.Calls;

/// <summary>A call's requests, from its caller. When they leave is <see cref="RequestFlush"/>'s to say; a hint to wait holds one back.</summary>
internal sealed class RequestStreamWriter<T>(ClientCall call, RequestStreamContent content, Marshaller<T> marshaller) : IClientStreamWriter<T>
    where T : class
{
    private readonly RequestFlush _flush = new(content, call);
    private int _isWriting;
    private volatile bool _isComplete;

    public WriteOptions? WriteOptions { get; set; } = call.Options.WriteOptions;

    public Task WriteAsync(T message) => WriteAsync(message, CancellationToken.None);

    public Task WriteAsync(T message, CancellationToken cancellationToken)
    {
        if (message is null)
            return Task.FromException(new ArgumentNullException(nameof(message)));
        if (_isComplete)
            return Task.FromException(new InvalidOperationException("Can't write the message because the client stream writer is complete."));
        if (call.IsFinished)
            return Task.FromException(Finished());
        if (Interlocked.Exchange(ref _isWriting, 1) == 1)
            return Task.FromException(new InvalidOperationException("Can't write the message because the previous write is in progress."));

        if (cancellationToken.IsCancellationRequested)
            call.Cancel();
        Task taking;
        try
        {
            var isDue = WriteOptions is not { } options || (options.Flags & WriteFlags.BufferHint) == 0;
            taking = _flush.WriteAsync(message, marshaller, call.CompressorFor(WriteOptions), isDue);
        }
        catch (RpcException exception)
        {
            taking = Task.FromException(exception);
        }

        if (!taking.IsCompletedSuccessfully)
            return TakeAsync(taking, cancellationToken);
        Volatile.Write(ref _isWriting, 0);
        return Task.CompletedTask;
    }

    public Task CompleteAsync()
    {
        if (Volatile.Read(ref _isWriting) == 1)
            throw new InvalidOperationException("Can't complete the client stream writer because the previous write is in progress.");
        if (_isComplete)
            throw new InvalidOperationException("The client stream writer is complete already.");
        _isComplete = true;
        return _flush.EndAsync();
    }

    private async Task TakeAsync(Task taking, CancellationToken cancellation)
    {
        try
        {
            using var cancelled = cancellation.UnsafeRegister(static call => ((ClientCall)call!).Cancel(), call);
            await taking.ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is not RpcException)
        {
            throw call.IsFinished ? Finished() : new RpcException(Explain(exception));
        }
        finally
        {
            Volatile.Write(ref _isWriting, 0);
        }
    }

    private Exception Finished() => call.GetStatus().StatusCode == StatusCode.OK
        ? new InvalidOperationException("Can't write the message because the call is complete.")
        : call.CreateException();

    // The server ended the stream, or the connection is gone. What its status is, the response stream knows.
    private static Status Explain(Exception exception)
    {
        var status = FailureStatus.Of(exception);
        return status.StatusCode is StatusCode.Cancelled or StatusCode.Internal
            ? new(StatusCode.Unavailable, "The server takes no more requests on this call. Read the responses to their end for its status.", exception)
            : status;
    }
}
