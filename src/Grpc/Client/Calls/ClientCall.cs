using System.Net.Http.Headers;
using System.Runtime.CompilerServices;
using Grpc.Core;
using Grpc.Net.Client.Balancer;
using Grpc.Net.Client.Credentials;
using Grpc.Wire;

namespace Grpc.Net.Client.Calls;

/// <summary>One call on the client, from its request's headers to its status.</summary>
/// <remarks>
/// A call ends once, by whatever comes first: its response, a failure, the deadline, cancellation, or being disposed.
/// That end is <see cref="TryFinish(Status)"/>. It stops everything else, so whoever waits on the call wakes up and
/// finds the status there.
/// </remarks>
internal abstract class ClientCall : IDisposable
{
    /// <summary>What the caller's object of a call does, which is the same for all calls.</summary>
    public static readonly CallFunctions.Shared Functions = new(
        static call => ((ClientCall)call).GetResponseHeadersAsync(),
        static call => ((ClientCall)call).GetStatus(),
        static call => ((ClientCall)call).GetTrailers(),
        static call => ((ClientCall)call).Dispose());

    // It is the call's gate, too: nobody else sees it.
    private readonly CancellationTokenSource _stop = StopSource.Rent();
    private readonly DateTime _deadline;
    private CallDetails? _details;
    private HttpResponseMessage? _response;
    private HttpResponseHeaders? _trailers;
    private ICallContent? _request;
    private Status _status;
    private bool _endedHere;
    private volatile bool _isFinished;

    /// <exception cref="InvalidOperationException">The deadline is in local time.</exception>
    protected ClientCall(GrpcChannel channel, string? host, CallOptions options)
    {
        Channel = channel;
        Options = options;
        _deadline = DeadlineOf(options);
        if (host is not null)
            Details.Host = host;
    }

    public GrpcChannel Channel { get; }

    /// <summary>The neighbours among the channel's calls, which are the channel's to set.</summary>
    public ClientCall? Previous { get; set; }

    /// <inheritdoc cref="Previous"/>
    public ClientCall? Next { get; set; }

    public CallOptions Options { get; }

    /// <summary>The server that the call must go to; null for the one that is picked.</summary>
    public Subchannel? Subchannel
    {
        get => _details?.Subchannel;
        init => Details.Subchannel = value;
    }

    /// <summary>Cancelled when the call is over before its response is.</summary>
    public CancellationToken Stopped => _stop.Token;

    /// <summary>Among several attempts: completes with true once this one's response begins, and with false once it is over without. Null for a call that is made once.</summary>
    public TaskCompletionSource<bool>? Outcome
    {
        get => _details?.Outcome;
        set => Details.Outcome = value;
    }

    /// <summary>Among several attempts: asked when this one's response begins whether it counts. Null for a call that is made once.</summary>
    public Func<ClientCall, bool>? Accepting
    {
        get => _details?.Accepting;
        set => Details.Accepting = value;
    }

    /// <summary>What to compress the next request with; null for nothing.</summary>
    public MessageCompressor? CompressorFor(WriteOptions? options) =>
        options is null || (options.Flags & WriteFlags.NoCompress) == 0 ? _details?.Compressor : null;

    public bool IsFinished => _isFinished;

    /// <summary>Cancels the call where it still runs.</summary>
    public void Dispose() => TryFinish(new(StatusCode.Cancelled, "The call was disposed."), trailers: null, endedHere: true);

    /// <summary>Cancels the call for its caller.</summary>
    public void Cancel() => TryFinish(new(StatusCode.Cancelled, "Call canceled by the client."), trailers: null, endedHere: true);

    /// <summary>Ends the call because its deadline has passed.</summary>
    public void Expire() => TryFinish(new(StatusCode.DeadlineExceeded, ""), trailers: null, endedHere: true);

    /// <summary>Ends the call with a failure, unless it is over already.</summary>
    public void TryFinish(Status status) => TryFinish(status, trailers: null, endedHere: false);

    /// <summary>Ends the call with what an exception means, unless it is over already.</summary>
    public void TryFinish(Exception exception)
    {
        var status = FailureStatus.Of(exception);

        // The server's clock may be ahead, and its reset faster than our timer.
        if (status.StatusCode == StatusCode.Cancelled && _deadline <= Channel.Time.GetUtcNow().UtcDateTime)
            status = new(StatusCode.DeadlineExceeded, "", exception);
        TryFinish(status);
    }

    public Status GetStatus() => _isFinished
        ? _status
        : throw new InvalidOperationException("Unable to get the status because the call is not complete.");

    public Metadata GetTrailers()
    {
        if (!_isFinished)
            throw new InvalidOperationException("Can't get the call trailers because the call has not completed successfully.");
        return Details.Trailers ??= _trailers is null ? [] : Received(_trailers);
    }

    /// <summary>What the finished call throws.</summary>
    public Exception CreateException() => _endedHere && Channel.ThrowsOperationCanceled
        ? new OperationCanceledException(_status.Detail, new RpcException(_status), Options.CancellationToken)
        : new RpcException(_status, GetTrailers());

    // The caller may ask on several threads at once.
    private CallDetails Details => _details ?? Interlocked.CompareExchange(ref _details, new(), null) ?? _details;

    protected abstract IMethod Method { get; }

    /// <summary>True where status OK takes a message to be believed.</summary>
    protected abstract bool HasOneResponse { get; }

    /// <summary>Makes the request, so that a caller's mistake is told before anything starts.</summary>
    /// <exception cref="ArgumentException">The metadata cannot be sent.</exception>
    /// <exception cref="ObjectDisposedException">The channel is disposed.</exception>
    protected HttpRequestMessage Prepare(HttpContent content)
    {
        var request = CreateRequest(content);
        _request = content as ICallContent;
        Channel.Add(this);
        return request;
    }

    /// <summary>Sends the request and waits for the response's headers; null where they, or anything else, ended the call.</summary>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    protected async ValueTask<HttpResponseMessage?> SendAsync(HttpRequestMessage request)
    {
        // The request is never disposed: that would end its content while the handler may still read it.
        try
        {
            if (!TryArm())
                return null;
            if (Channel.CallCredentials is not null || (Options.Credentials is not null && Channel.AllowsCallCredentials))
                await AddCredentialsAsync(request).ConfigureAwait(false);

            var isAgain = false;
            while (true)
            {
                try
                {
                    var response = await Channel.SendAsync(request, Subchannel, Options.IsWaitForReady, _stop.Token).ConfigureAwait(false);
                    return TryAccept(response) ? response : null;
                }
                catch (HttpRequestException exception) when (
                    exception.HttpRequestError is HttpRequestError.ConnectionError && Channel.PicksServers && Subchannel is null && (Options.IsWaitForReady || !isAgain))
                {
                    // The server that was picked is gone, and nothing has left for it: by now another is picked, or none.
                    isAgain = true;
                }
            }
        }
        catch (Exception exception)
        {
            TryFinish(exception);
            return null;
        }
    }

    /// <summary>Ends the call with the status in its response's trailers.</summary>
    protected void FinishWithTrailers(bool hasMessage)
    {
        var trailers = _response!.TrailingHeaders;
        var status = FailureStatus.OfTrailers(trailers) ?? new(StatusCode.Unknown, "No grpc-status found on response.");
        TryFinish(Believe(status, hasMessage), trailers, endedHere: false);
    }

    /// <summary>What the call was made with is of no more use to it: the request has left and the response was read to its end. The next call may have it.</summary>
    protected void LetGo(HttpRequestMessage request)
    {
        // A handler of the user's own, and credentials, may still hold the token, and so may the writer of a stream.
        if (!Channel.IsPlain || Channel.CallCredentials is not null || Options.Credentials is not null || request.Content is RequestStreamContent)
            return;

        StopSource.Return(_stop);
        if (request.Content is not BriefRequestContent brief)
            return;
        if (_deadline != DateTime.MaxValue)
            request.Headers.Remove(WireHeaders.Timeout);
        Channel.BriefRequests.Return(brief);
    }

    private Status Believe(Status status, bool hasMessage) => status.StatusCode == StatusCode.OK && HasOneResponse && !hasMessage
        ? new(StatusCode.Internal, "The response has status OK and no message.")
        : status;

    private void TryFinish(Status status, HttpResponseHeaders? trailers, bool endedHere)
    {
        lock (_stop)
        {
            if (_isFinished)
                return;
            (_status, _trailers, _endedHere) = (status, trailers, endedHere);
            _isFinished = true;
        }

        Channel.Remove(this);
        _details?.EarlyEnd?.Stop();

        // What the response or the request still has to come is unwanted: the server is told so. The request's body must fail before the handler cancels
        // it: a body that ends because it is cancelled would look whole to the server.
        _request?.Abort();
        if (status.StatusCode != StatusCode.OK)
        {
            Channel.Log.Failed(Method.FullName, status.StatusCode, status.Detail, status.DebugException);
            _stop.Cancel();
        }

        _response?.Dispose();
        if (_details is not { } details)
            return;
        details.Outcome?.TrySetResult(false);
        details.HeadersAwaited?.TrySetException(CreateException());
        _ = details.HeadersAwaited?.Task.Exception;
    }

    private bool TryArm()
    {
        var parent = (Options.PropagationToken as CallPropagationToken)?.CancellationToken ?? default;
        var hasDeadline = _deadline != DateTime.MaxValue;
        if (!hasDeadline && !Options.CancellationToken.CanBeCanceled && !parent.CanBeCanceled)
            return !_isFinished;

        var left = hasDeadline ? _deadline - Channel.Time.GetUtcNow().UtcDateTime : (TimeSpan?)null;
        if (left <= TimeSpan.Zero)
        {
            Expire();
            return false;
        }

        var earlyEnd = Details.EarlyEnd = new(this);
        earlyEnd.Start(left, Options.CancellationToken, parent);
        if (!_isFinished)
            return true;

        // The end came before what it stops was there to be stopped.
        earlyEnd.Stop();
        return false;
    }

    private bool TryAccept(HttpResponseMessage response)
    {
        var ended = FailureStatus.OfHeaders(response);
        lock (_stop)
        {
            if (_isFinished)
            {
                response.Dispose();
                return false;
            }

            _response = response;
        }

        // The first attempt whose response begins is the one; of another, nothing is to be seen.
        if (ended is null && Accepting is not null && !Accepting(this))
        {
            TryFinish(Status.DefaultCancelled);
            return false;
        }

        _details?.HeadersAwaited?.TrySetResult(Received(response.Headers));
        if (ended is not { } status)
        {
            Outcome?.TrySetResult(true);
            return true;
        }

        TryFinish(Believe(status, hasMessage: false), response.Headers, endedHere: false);
        return false;
    }

    public Task<Metadata> GetResponseHeadersAsync()
    {
        lock (_stop)
        {
            if (_details?.HeadersAwaited is { } awaited)
                return awaited.Task;
            Details.HeadersAwaited = awaited = new(TaskCreationOptions.RunContinuationsAsynchronously);
            if (_response is not null)
                awaited.SetResult(Received(_response.Headers));
            else if (_isFinished)
                awaited.SetException(CreateException());
            return awaited.Task;
        }
    }

    private HttpRequestMessage CreateRequest(HttpContent content)
    {
        var request = content is BriefRequestContent brief ? brief.Request : Channel.CreateRequest(content);
        request.RequestUri = Channel.UriOf(Method);
        if (_deadline != DateTime.MaxValue)
        {
            var left = _deadline - Channel.Time.GetUtcNow().UtcDateTime;
            request.Headers.TryAddWithoutValidation(WireHeaders.Timeout, TimeoutValue.Format(left));
        }

        if (_details?.Host is { } host)
            request.Headers.Host = host;
        if (Options.Headers is { Count: > 0 } headers)
        {
            if (headers.Get(WireHeaders.UserAgent) is not null)
                request.Headers.Remove(WireHeaders.UserAgent);
            RequestMetadata.AddTo(request, headers);
            if (headers.GetValue(WireHeaders.EncodingRequest) is { } encoding and not WireHeaders.Identity)
            {
                Details.Compressor = Channel.Compression.Find(encoding) is { } provider
                    ? new(provider, level: null)
                    : throw new InvalidOperationException($"Compression '{encoding}' has no provider. The channel has: {Channel.Compression.Accepted}.");
                request.Headers.TryAddWithoutValidation(WireHeaders.Encoding, encoding);
            }
        }

        return request;
    }

    private async Task AddCredentialsAsync(HttpRequestMessage request)
    {
        var serviceUrl = new Uri(request.RequestUri!, "/" + Method.ServiceName).ToString();
        var credentials = await CallCredentialsRun.CollectAsync(
            Channel.CallCredentials,
            Channel.AllowsCallCredentials ? Options.Credentials : null,
            new AuthInterceptorContext(serviceUrl, Method.Name, _stop.Token)).ConfigureAwait(false);
        RequestMetadata.AddTo(request, credentials);
    }

    private static DateTime DeadlineOf(CallOptions options)
    {
        var deadline = options.Deadline ?? DateTime.MaxValue;
        if (deadline.Kind != DateTimeKind.Utc && deadline != DateTime.MaxValue && deadline != DateTime.MinValue)
            throw new InvalidOperationException("The deadline must be in UTC: use DateTime.UtcNow, or ToUniversalTime().");

        return options.PropagationToken is CallPropagationToken parent && parent.Deadline < deadline ? parent.Deadline : deadline;
    }

    private static Metadata Received(HttpResponseHeaders headers)
    {
        var metadata = new Metadata();
        foreach (var (name, values) in headers.NonValidated)
        {
            foreach (var value in values)
                MetadataValues.AddReceived(metadata, name, value);
        }

        return metadata;
    }
}
