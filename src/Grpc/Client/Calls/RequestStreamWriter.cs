using Grpc.Core;

namespace Grpc.Net.Client.Calls;

/// <summary>A call's requests, from its caller. Each leaves at once, unless it is written with a hint to wait.</summary>
internal sealed class RequestStreamWriter<T>(ClientCall call, RequestStreamContent content, Marshaller<T> marshaller) : IClientStreamWriter<T>
    where T : class
{
    private readonly ArrayMessage _message = new(call.Channel.MaxSendMessageBytes);
    private int _isWriting;
    private volatile bool _isComplete;

    public WriteOptions? WriteOptions { get; set; } = call.Options.WriteOptions;

    public Task WriteAsync(T message) => WriteAsync(message, CancellationToken.None);

    public async Task WriteAsync(T message, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(message);
        if (_isComplete)
            throw new InvalidOperationException("Can't write the message because the client stream writer is complete.");
        ThrowIfFinished();
        if (Interlocked.Exchange(ref _isWriting, 1) == 1)
            throw new InvalidOperationException("Can't write the message because the previous write is in progress.");

        try
        {
            using var cancelled = cancellationToken.UnsafeRegister(static call => ((ClientCall)call!).Cancel(), call);
            var stream = await content.Opened.ConfigureAwait(false);
            _message.Write(message, marshaller, call.CompressorFor(WriteOptions));
            await stream.WriteAsync(_message.Frame, call.Stopped).ConfigureAwait(false);
            if (WriteOptions is not { } options || (options.Flags & WriteFlags.BufferHint) == 0)
                await stream.FlushAsync(call.Stopped).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is not RpcException)
        {
            ThrowIfFinished();
            throw new RpcException(Explain(exception));
        }
        finally
        {
            _message.Release();
            Volatile.Write(ref _isWriting, 0);
        }
    }

    public Task CompleteAsync()
    {
        if (Volatile.Read(ref _isWriting) == 1)
            throw new InvalidOperationException("Can't complete the client stream writer because the previous write is in progress.");
        if (_isComplete)
            throw new InvalidOperationException("The client stream writer is complete already.");
        _isComplete = true;

        // Buffered requests and the end of the stream leave together.
        content.Complete();
        return Task.CompletedTask;
    }

    private void ThrowIfFinished()
    {
        if (!call.IsFinished)
            return;
        throw call.GetStatus().StatusCode == StatusCode.OK
            ? new InvalidOperationException("Can't write the message because the call is complete.")
            : call.CreateException();
    }

    // The server ended the stream, or the connection is gone. What its status is, the response stream knows.
    private static Status Explain(Exception exception)
    {
        var status = FailureStatus.Of(exception);
        return status.StatusCode is StatusCode.Cancelled or StatusCode.Internal
            ? new(StatusCode.Unavailable, "The server takes no more requests on this call. Read the responses to their end for its status.", exception)
            : status;
    }
}
