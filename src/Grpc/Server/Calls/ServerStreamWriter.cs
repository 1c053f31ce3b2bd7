using Grpc.Core;

namespace Grpc.AspNetCore.Server.Calls;

/// <summary>A call's responses, from its handler. When they leave is <see cref="ResponseFlush"/>'s to say; a hint to wait holds one back.</summary>
internal sealed class ServerStreamWriter<T>(ServerCall call, Marshaller<T> marshaller) : IServerStreamWriter<T>
    where T : class
{
    private readonly CancellationToken _aborted = call.HttpContext.RequestAborted;
    private int _isWriting;

    public WriteOptions? WriteOptions
    {
        get => call.WriteOptions;
        set => call.WriteOptions = value;
    }

    public Task WriteAsync(T message) => WriteAsync(message, CancellationToken.None);

    public Task WriteAsync(T message, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(message);
        if (cancellationToken.IsCancellationRequested)
            return Task.FromCanceled(cancellationToken);

        // Kestrel swallows what is written to a client that is gone; a handler must hear of it.
        if (_aborted.IsCancellationRequested)
            return Task.FromException(new OperationCanceledException("The client ended the call.", _aborted));
        if (Interlocked.Exchange(ref _isWriting, 1) == 1)
            throw new InvalidOperationException("Can't write the message because the previous write is in progress.");

        ValueTask writing;
        try
        {
            var isDue = call.WriteOptions is not { } options || (options.Flags & WriteFlags.BufferHint) == 0;
            writing = call.WriteAsync(message, marshaller, isDue, cancellationToken);
        }
        catch (Exception exception)
        {
            Volatile.Write(ref _isWriting, 0);
            return Task.FromException(exception);
        }

        if (!writing.IsCompletedSuccessfully)
            return WrittenAsync(writing);
        Volatile.Write(ref _isWriting, 0);
        return Task.CompletedTask;
    }

    private async Task WrittenAsync(ValueTask writing)
    {
        try
        {
            await writing.ConfigureAwait(false);
        }
        finally
        {
            Volatile.Write(ref _isWriting, 0);
        }
    }
}
