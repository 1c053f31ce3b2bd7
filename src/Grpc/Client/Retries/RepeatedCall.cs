using Grpc.Core;
using Grpc.Net.Client.Calls;
using Grpc.Wire;

namespace Grpc.Net.Client.Retries;

/// <summary>A call that is made several times, after one another or at once, until one of them counts.</summary>
/// <remarks>
/// An attempt counts, and no other is made from then on, once its response begins; once it fails in a way that is not worth another try; or
/// once more was sent than may be kept (gRFC A6: "committed"). Everything the caller sees is that attempt's.
/// </remarks>
internal abstract class RepeatedCall<TRequest, TResponse> : IClientStreamWriter<TRequest>, IDisposable
    where TRequest : class
    where TResponse : class
{
    private readonly Lock _gate = new();
    private readonly GrpcChannel _channel;
    private readonly CallOptions _options;
    private readonly Repetition _repetition;
    private readonly KeptRequests _requests;
    private readonly ArrayMessage _message;
    private readonly CancellationTokenSource _stop = new();
    private readonly TaskCompletionSource<ClientCall> _winner = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly List<ClientCall> _running = [];
    private bool _mustCommit;
    private bool _isComplete;
    private int _isWriting;

    protected RepeatedCall(GrpcChannel channel, Method<TRequest, TResponse> method, string? host, CallOptions options, Repetition repetition)
    {
        _channel = channel;
        Method = method;
        Host = host;
        _options = options;
        _repetition = repetition;
        _requests = new(channel.Repetition!);
        _message = new(channel.MaxSendMessageBytes);
        WriteOptions = options.WriteOptions;
    }

    public WriteOptions? WriteOptions { get; set; }

    protected Method<TRequest, TResponse> Method { get; }

    protected string? Host { get; }

    /// <summary>The attempt that counts.</summary>
    protected Task<ClientCall> Winner => _winner.Task;

    private RetryThrottle? Throttle => _channel.Repetition!.Throttle;

    /// <summary>Starts with a call's only request.</summary>
    public void Start(TRequest request)
    {
        Start();
        _ = WriteAsync(request);
        _ = CompleteAsync();
    }

    /// <summary>Starts a call whose requests come one by one.</summary>
    public void Start()
    {
        // The first attempt is made here, so that a caller's mistakes are told at once.
        var first = Attempt(0);
        _ = _repetition.IsHedged ? HedgeAsync(first) : RetryAsync(first);
    }

    public Task WriteAsync(TRequest message) => WriteAsync(message, CancellationToken.None);

    public async Task WriteAsync(TRequest message, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(message);
        if (_isComplete)
            throw new InvalidOperationException("Can't write the message because the client stream writer is complete.");
        if (Interlocked.Exchange(ref _isWriting, 1) == 1)
            throw new InvalidOperationException("Can't write the message because the previous write is in progress.");

        try
        {
            if (_winner.Task.IsCompletedSuccessfully && _winner.Task.Result is { IsFinished: true } over)
                throw over.GetStatus().StatusCode == StatusCode.OK ? new InvalidOperationException("Can't write the message because the call is complete.") : over.CreateException();

            using var cancelled = cancellationToken.UnsafeRegister(static call => ((IDisposable)call!).Dispose(), this);
            if (!_requests.Add(Serialize(message), out var sending))
                CommitNewest();
            await sending.ConfigureAwait(false);
        }
        finally
        {
            Volatile.Write(ref _isWriting, 0);
        }
    }

    public Task CompleteAsync()
    {
        if (_isComplete)
            throw new InvalidOperationException("The client stream writer is complete already.");
        _isComplete = true;
        _requests.Complete();
        return Task.CompletedTask;
    }

    public async Task<Metadata> GetResponseHeadersAsync() => await (await Winner.ConfigureAwait(false)).GetResponseHeadersAsync().ConfigureAwait(false);

    public Status GetStatus() => Finished("status").GetStatus();

    public Metadata GetTrailers() => Finished("trailers").GetTrailers();

    public void Dispose()
    {
        List<ClientCall> running;
        lock (_gate)
        {
            _mustCommit = true;
            running = [.. _running];
        }

        _stop.Cancel();
        foreach (var call in running)
            call.Dispose();
    }

    /// <summary>Makes one attempt, without sending it.</summary>
    protected abstract ClientCall Create(GrpcChannel channel, CallOptions options);

    /// <summary>Sends an attempt.</summary>
    protected abstract void Send(ClientCall call, HttpContent content);

    private async Task RetryAsync(ClientCall call)
    {
        var backoff = _repetition.InitialBackoff;
        for (var attempts = 1; ; attempts++)
        {
            if (await call.Outcome!.Task.ConfigureAwait(false))
                return;

            var pushback = Count(call, out var isWorthwhile);
            if (!isWorthwhile || pushback < TimeSpan.Zero || attempts >= _repetition.AttemptsMax || IsHeldBack || !TryForget(call))
            {
                TryCommit(call);
                return;
            }

            await DelayAsync(pushback ?? (backoff * Random.Shared.NextDouble())).ConfigureAwait(false);
            if (pushback is null)
                backoff = backoff * _repetition.Multiplier is var longer && longer < _repetition.MaxBackoff ? longer : _repetition.MaxBackoff;
            else
                backoff = _repetition.InitialBackoff;
            call = Attempt(attempts);
        }
    }

    private async Task HedgeAsync(ClientCall first)
    {
        List<ClientCall> open = [first];
        var attempts = 1;
        var mayGoOn = true;
        var turn = DelayAsync(_repetition.HedgingDelay);
        while (!_winner.Task.IsCompleted)
        {
            var waits = open.Select(call => (Task)call.Outcome!.Task).ToList();
            if (mayGoOn && attempts < _repetition.AttemptsMax)
                waits.Add(turn);
            await Task.WhenAny(waits).ConfigureAwait(false);

            foreach (var call in open.Where(call => call.Outcome!.Task.IsCompleted).ToList())
            {
                open.Remove(call);
                if (call.Outcome!.Task.Result)
                    return;

                var pushback = Count(call, out var isWorthwhile);
                mayGoOn &= !(pushback < TimeSpan.Zero);
                var isLast = open.Count == 0 && (!mayGoOn || attempts >= _repetition.AttemptsMax || IsHeldBack);
                if (!isWorthwhile || isLast || !TryForget(call))
                {
                    TryCommit(call);
                    return;
                }

                turn = pushback is { } wait ? DelayAsync(wait) : Task.CompletedTask;
            }

            if (mayGoOn && attempts < _repetition.AttemptsMax && turn.IsCompleted && !_winner.Task.IsCompleted)
            {
                mayGoOn = !IsHeldBack;
                if (!mayGoOn)
                    continue;
                open.Add(Attempt(attempts++));
                turn = DelayAsync(_repetition.HedgingDelay);
            }
        }
    }

    private bool IsHeldBack => Throttle is { IsActive: true };

    /// <summary>What a failure means: whether it is worth another try, and after which time the server says so; negative for never.</summary>
    private TimeSpan? Count(ClientCall call, out bool isWorthwhile)
    {
        var status = call.GetStatus().StatusCode;
        var pushback = call.GetTrailers().GetValue("grpc-retry-pushback-ms");
        isWorthwhile = status != StatusCode.OK && _repetition.Codes.Contains(status);
        if (status == StatusCode.OK)
            Throttle?.Succeeded();
        else if (isWorthwhile || pushback is not null)
            Throttle?.Failed();
        if (pushback is null)
            return null;
        return int.TryParse(pushback, System.Globalization.CultureInfo.InvariantCulture, out var ms) && ms >= 0 ? TimeSpan.FromMilliseconds(ms) : TimeSpan.FromTicks(-1);
    }

    private ClientCall Attempt(int previous)
    {
        var options = _options;
        if (previous > 0)
        {
            var headers = new Metadata();
            foreach (var entry in options.Headers ?? Metadata.Empty)
                headers.Add(entry);
            headers.Add("grpc-previous-rpc-attempts", previous.ToString(System.Globalization.CultureInfo.InvariantCulture));
            options = options.WithHeaders(headers);
        }

        var call = Create(_channel, options);
        call.Outcome = new(TaskCreationOptions.RunContinuationsAsynchronously);
        call.Accepting = OnResponseBegun;
        bool commitsNow;
        lock (_gate)
        {
            _running.Add(call);
            commitsNow = _mustCommit;
        }

        var content = new RequestStreamContent();
        Send(call, content);
        _ = _requests.SendAsync(content, call);
        if (commitsNow)
            TryCommit(call);
        if (_stop.IsCancellationRequested)
            call.Dispose();
        return call;
    }

    private bool OnResponseBegun(ClientCall call)
    {
        Throttle?.Succeeded();
        return TryCommit(call);
    }

    /// <summary>This attempt counts, and no other; false where another does already.</summary>
    private bool TryCommit(ClientCall call)
    {
        List<ClientCall> others;
        lock (_gate)
        {
            if (_winner.Task.IsCompleted)
                return _winner.Task.Result == call;
            others = [.. _running.Where(other => other != call)];
            _mustCommit = true;
            _requests.Commit(call);
            _winner.SetResult(call);
        }

        foreach (var other in others)
            other.Dispose();
        if (call.IsFinished)
            _requests.Abandon(call.CreateException());
        return true;
    }

    private void CommitNewest()
    {
        ClientCall? newest;
        lock (_gate)
        {
            _mustCommit = true;
            newest = _running.LastOrDefault();
        }

        if (newest is not null)
            TryCommit(newest);
    }

    /// <summary>Another attempt is made instead of this one; false where this one counts already.</summary>
    private bool TryForget(ClientCall call)
    {
        lock (_gate)
            return !_winner.Task.IsCompleted && _running.Remove(call);
    }

    // Cut short by the deadline, by cancellation and by being disposed: the next attempt then ends with the status that this means.
    private async Task DelayAsync(TimeSpan delay)
    {
        if (_options.Deadline is { } deadline && deadline != DateTime.MaxValue)
        {
            var left = deadline - _channel.Time.GetUtcNow().UtcDateTime;
            delay = left < delay ? (left > TimeSpan.Zero ? left : TimeSpan.Zero) : delay;
        }

        using var cancelled = _options.CancellationToken.UnsafeRegister(static call => ((RepeatedCall<TRequest, TResponse>)call!)._stop.Cancel(), this);
        await Task.Delay(delay, _channel.Time, _stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private byte[] Serialize(TRequest message)
    {
        try
        {
            var compressor = _options.Headers?.GetValue(WireHeaders.EncodingRequest) is { } encoding
                && _channel.Compression.Find(encoding) is { } provider
                && (WriteOptions is not { } options || (options.Flags & WriteFlags.NoCompress) == 0) ? new MessageCompressor(provider, level: null) : null;
            _message.Write(message, Method.RequestMarshaller, compressor);
            return _message.Frame.ToArray();
        }
        catch (RpcException failure)
        {
            List<ClientCall> running;
            lock (_gate)
                running = [.. _running];
            foreach (var call in running)
                call.TryFinish(failure.Status);
            throw;
        }
        finally
        {
            _message.Release();
        }
    }

    private ClientCall Finished(string what) => _winner.Task.IsCompletedSuccessfully
        ? _winner.Task.Result
        : throw new InvalidOperationException($"Unable to get the {what} because the call is not complete.");
}
