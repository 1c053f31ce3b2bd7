using Grpc.Core;

namespace Grpc.AspNetCore.Server.Calls;

/// <summary>A call's requests, for its handler.</summary>
internal sealed class ServerStreamReader<T>(ServerCall call, Marshaller<T> marshaller) : IAsyncStreamReader<T>
    where T : class
{
    private static readonly Task<bool> True = Task.FromResult(true);
    private static readonly Task<bool> False = Task.FromResult(false);

    private readonly RequestMessages _requests = new(call);
    private T? _current;
    private int _isReading;
    private volatile bool _isOver;

    public T Current => _current
        ?? throw new InvalidOperationException("There is no current message: call MoveNext first, and stop when it returns false.");

    public Task<bool> MoveNext(CancellationToken cancellationToken)
    {
        if (cancellationToken.IsCancellationRequested)
            return Task.FromCanceled<bool>(cancellationToken);
        if (_isOver)
            throw new InvalidOperationException("Can't read messages after the request is complete.");
        if (Interlocked.Exchange(ref _isReading, 1) == 1)
            throw new InvalidOperationException("Can't read the next message because the previous read is still in progress.");

        ValueTask<T?> reading;
        try
        {
            reading = _requests.ReadNextAsync(marshaller, cancellationToken);
        }
        catch
        {
            Volatile.Write(ref _isReading, 0);
            throw;
        }

        if (reading.IsCompletedSuccessfully)
            return Take(reading.Result);
        call.LetGo();
        return TakeAsync(reading);
    }

    /// <summary>The handler has returned: whoever still reads is told so.</summary>
    public void End() => _isOver = true;

    private Task<bool> Take(T? message)
    {
        _current = message;
        Volatile.Write(ref _isReading, 0);
        return message is null ? False : True;
    }

    private async Task<bool> TakeAsync(ValueTask<T?> reading)
    {
        try
        {
            _current = await reading.ConfigureAwait(false);
            return _current is not null;
        }
        finally
        {
            Volatile.Write(ref _isReading, 0);
        }
    }
}
