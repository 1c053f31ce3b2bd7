using Grpc.Core;

namespace Grpc.Net.Client.Calls;

/// <summary>A call with many responses: it moves on as its caller reads them.</summary>
internal sealed class ResponseStreamCall<TRequest, TResponse>(
    GrpcChannel channel, Method<TRequest, TResponse> method, string? host, CallOptions options)
    : ClientCall(channel, host, options), IAsyncStreamReader<TResponse>
    where TRequest : class
    where TResponse : class
{
    private static readonly Task<bool> True = Task.FromResult(true);
    private static readonly Task<bool> False = Task.FromResult(false);

    private Task<ResponseMessages?> _opening = Task.FromResult<ResponseMessages?>(null);
    private TResponse? _current;
    private int _isReading;

    public TResponse Current => _current
        ?? throw new InvalidOperationException("There is no current message: call MoveNext first, and stop when it returns false.");

    protected override IMethod Method => method;

    protected override bool HasOneResponse => false;

    /// <summary>Starts the call.</summary>
    /// <exception cref="ArgumentException">The metadata cannot be sent.</exception>
    public void Start(HttpContent content) => _opening = OpenAsync(Prepare(content));

    public Task<bool> MoveNext(CancellationToken cancellationToken)
    {
        if (Interlocked.Exchange(ref _isReading, 1) == 1)
            throw new InvalidOperationException("Can't read the next message because the previous read is still in progress.");

        _current = null;
        return _opening.IsCompletedSuccessfully && _opening.Result is { } messages && !IsFinished && !cancellationToken.CanBeCanceled
            ? Take(messages.ReadNextAsync(method.ResponseMarshaller, Stopped))
            : OpenThenReadAsync(cancellationToken);
    }

    // Messages often arrive many at a time; those that are here already take no task.
    private Task<bool> Take(ValueTask<TResponse?> reading)
    {
        if (!reading.IsCompletedSuccessfully)
            return ReadAsync(reading);

        _current = reading.Result;
        if (_current is null)
            return EndAsync();
        Volatile.Write(ref _isReading, 0);
        return True;
    }

    private async Task<bool> OpenThenReadAsync(CancellationToken cancellation)
    {
        using var cancelled = cancellation.UnsafeRegister(static call => ((ClientCall)call!).Cancel(), this);
        var messages = await _opening.ConfigureAwait(false);
        return messages is null || IsFinished
            ? await EndAsync().ConfigureAwait(false)
            : await ReadAsync(messages.ReadNextAsync(method.ResponseMarshaller, Stopped)).ConfigureAwait(false);
    }

    private async Task<bool> ReadAsync(ValueTask<TResponse?> reading)
    {
        try
        {
            _current = await reading.ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            TryFinish(exception);
        }

        if (_current is null)
            return await EndAsync().ConfigureAwait(false);
        Volatile.Write(ref _isReading, 0);
        return true;
    }

    /// <summary>The stream has ended, well or not.</summary>
    private Task<bool> EndAsync()
    {
        if (!IsFinished)
            FinishWithTrailers(hasMessage: false);
        Volatile.Write(ref _isReading, 0);
        return GetStatus().StatusCode == StatusCode.OK ? False : Task.FromException<bool>(CreateException());
    }

    private async Task<ResponseMessages?> OpenAsync(HttpRequestMessage request)
    {
        if (await SendAsync(request).ConfigureAwait(false) is not { } response)
            return null;

        try
        {
            return await ResponseMessages.OpenAsync(response, Channel, Stopped).ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            TryFinish(exception);
            return null;
        }
    }
}
