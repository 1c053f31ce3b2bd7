using System.Buffers;
using System.IO.Pipelines;
using Grpc.Core;
using Grpc.Wire;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Grpc.AspNetCore.Server.Calls;

/// <summary>One call on the server: its context for the handler, its response, and its end.</summary>
/// <remarks>
/// A call ends once: when its handler does, or when its deadline passes, whichever comes first. Both, and every write,
/// go through <see cref="_gate"/>, so nothing is written after the status and the status is written once.
/// </remarks>
internal sealed class ServerCall : ServerCallContext, IServerCallContextFeature
{
    private const int Http2Cancel = 8;

    private readonly Lock _gate = new();
    private readonly IMethod _method;
    private readonly MethodOptions _options;
    private readonly ServerLog _log;
    private readonly MethodMetrics _metrics;
    private readonly CallExpiry? _expiry;
    private PipeMessage? _outgoing;
    private ResponseFlush? _flush;
    private RequestMessages? _requests;
    private MessageCompressor? _compressor;
    private string? _encodingAsked;
    private Metadata? _requestHeaders;
    private Metadata? _responseTrailers;
    private bool _isStarting;
    private bool _isOver;

    public ServerCall(HttpContext http, IMethod method, MethodOptions options, ServerLog log, MethodMetrics metrics, TimeProvider time)
    {
        HttpContext = http;
        _method = method;
        _options = options;
        _log = log;
        _metrics = metrics;
        http.Features.Set<IServerCallContextFeature>(this);
        http.Response.ContentType = WireHeaders.ContentType;
        if (ReadTimeout() is { } timeout)
        {
            _expiry = new CallExpiry(this, timeout, time);
            _expiry.Start();
        }
    }

    public HttpContext HttpContext { get; }

    public RequestMessages Requests =>
        _requests ??= new(HttpContext.Request.BodyReader, HttpContext.Request.Headers, _options, _metrics);

    /// <summary>Whether the deadline ended the call.</summary>
    public bool HasExpired => _expiry is { HasExpired: true };

    ServerCallContext IServerCallContextFeature.ServerCallContext => this;

    protected override string MethodCore => _method.FullName;

    protected override string HostCore => HttpContext.Request.Host.Value ?? "";

    protected override string PeerCore => PeerIdentity.Address(HttpContext.Connection);

    protected override DateTime DeadlineCore => _expiry?.Deadline ?? DateTime.MaxValue;

    protected override CancellationToken CancellationTokenCore =>
        _expiry is null ? HttpContext.RequestAborted : _expiry.GetToken(HttpContext.RequestAborted);

    protected override Metadata ResponseTrailersCore => _responseTrailers ??= [];

    protected override Status StatusCore { get; set; }

    protected override WriteOptions? WriteOptionsCore { get; set; }

    protected override AuthContext AuthContextCore => field ??= PeerIdentity.FromCertificate(HttpContext.Connection.ClientCertificate);

    protected override IDictionary<object, object> UserStateCore => HttpContext.Items!;

    protected override Metadata RequestHeadersCore
    {
        get
        {
            if (_requestHeaders is null)
            {
                _requestHeaders = [];
                foreach (var (name, values) in HttpContext.Request.Headers)
                {
                    foreach (var value in values)
                        MetadataValues.AddReceived(_requestHeaders, name, value);
                }
            }

            return _requestHeaders;
        }
    }

    private bool IsCancelled => _expiry is { HasExpired: true } || _requests is { IsCutOff: true } || HttpContext.RequestAborted.IsCancellationRequested;

    /// <summary>Writes the one response of a call that has one. It leaves with the status.</summary>
    public ValueTask WriteOneAsync<T>(T message, Marshaller<T> marshaller)
    {
        var starting = StartResponseAsync();
        if (!starting.IsCompletedSuccessfully)
            return StartThenWriteOneAsync(starting, message, marshaller);
        lock (_gate)
            Write(message, marshaller, HttpContext.Response.BodyWriter);
        return ValueTask.CompletedTask;
    }

    /// <summary>Writes one response of a stream.</summary>
    /// <param name="message">The response.</param>
    /// <param name="marshaller">Its marshaller.</param>
    /// <param name="isDue">False where it may wait for those that follow.</param>
    /// <param name="cancellation">Ends the call where the client takes nothing.</param>
    public ValueTask WriteAsync<T>(T message, Marshaller<T> marshaller, bool isDue, CancellationToken cancellation)
    {
        var starting = StartResponseAsync();
        return starting.IsCompletedSuccessfully
            ? WriteStartedAsync(message, marshaller, isDue, cancellation)
            : StartThenWriteAsync(starting, message, marshaller, isDue, cancellation);
    }

    /// <summary>The handler waits for a request: what it wrote leaves.</summary>
    public void LetGo()
    {
        if (_flush is null)
            return;
        lock (_gate)
            _flush.LetGo();
    }

    /// <summary>Sends the status that a handler's end means, unless the deadline was faster.</summary>
    public Task EndAsync(Status status)
    {
        Task leaving;
        lock (_gate)
        {
            if (_isOver)
                return _expiry!.Told;
            _isOver = true;
            WriteStatus(status, _responseTrailers);
            leaving = _flush?.End() ?? Task.CompletedTask;
        }

        _expiry?.Stop();
        return leaving;
    }

    /// <summary>The status that a handler's exception means.</summary>
    public Status Explain(Exception exception)
    {
        switch (exception)
        {
            case RpcException failure:
                foreach (var entry in failure.Trailers)
                    ResponseTrailers.Add(entry);
                _log.Failed(_method.FullName, failure.StatusCode, failure.Status.Detail, failure.Status.DebugException);
                return failure.Status;

            case OperationCanceledException or IOException when IsCancelled:
                _log.Cancelled(_method.FullName);
                return Status.DefaultCancelled;

            case BadHttpRequestException badRequest:
                _log.Failed(_method.FullName, StatusCode.Internal, badRequest.Message, badRequest);
                return new(StatusCode.Internal, badRequest.Message);

            default:
                _log.HandlerThrew(_method.FullName, exception);
                return new(StatusCode.Unknown, _options.EnableDetailedErrors
                    ? $"Exception was thrown by handler. {exception.GetType().Name}: {exception.Message}"
                    : "Exception was thrown by handler.");
        }
    }

    /// <summary>A callback that the handler left on its token threw. The call is over all the same.</summary>
    public void CallbackThrew(AggregateException exception) => _log.HandlerThrew(_method.FullName, exception);

    /// <summary>The deadline has passed. True where the call still ran, and is over now.</summary>
    public bool TryExpire()
    {
        lock (_gate)
        {
            if (_isOver)
                return false;
            _isOver = true;
            _flush?.CutShort();
            _expiry!.HasExpired = true;
            _log.DeadlineExceeded(_method.FullName, _expiry.Deadline);

            // The handler may be adding to its trailers on another thread; what it added is left behind.
            if (!_isStarting || HttpContext.Response.HasStarted)
                WriteStatus(new(StatusCode.DeadlineExceeded, "Deadline Exceeded"), trailers: null);
            return true;
        }
    }

    /// <summary>Sends the status of a call that expired, and stops the client's sending.</summary>
    public async Task TellExpiryAsync()
    {
        try
        {
            if (!_isStarting || HttpContext.Response.HasStarted)
                await HttpContext.Response.CompleteAsync().ConfigureAwait(false);
            HttpContext.Features.Get<IHttpResetFeature>()?.Reset(Http2Cancel);
        }
        catch (Exception exception)
        {
            // The client is going away too, and nobody awaits this: its log is all that can be done.
            _log.ExpiryFailed(_method.FullName, exception);
        }
    }

    protected override async Task WriteResponseHeadersAsyncCore(Metadata responseHeaders)
    {
        ArgumentNullException.ThrowIfNull(responseHeaders);
        ValueTask<FlushResult> flushing;
        lock (_gate)
        {
            ThrowIfOver();
            if (_isStarting)
                throw new InvalidOperationException("Response headers can only be sent once per call, before the first message.");
            AddTo(HttpContext.Response.Headers, responseHeaders);
            _encodingAsked = responseHeaders.GetValue(WireHeaders.EncodingRequest);
            ChooseCompression();
            _isStarting = true;
            flushing = HttpContext.Response.BodyWriter.FlushAsync();
        }

        await flushing.ConfigureAwait(false);
    }

    protected override ContextPropagationToken CreatePropagationTokenCore(ContextPropagationOptions? options) =>
        new CallPropagationToken(Deadline, CancellationToken, options ?? ContextPropagationOptions.Default);

    private Task StartResponseAsync()
    {
        if (_isStarting && HttpContext.Response.HasStarted)
            return Task.CompletedTask;

        lock (_gate)
        {
            ThrowIfOver();
            if (!_isStarting)
                ChooseCompression();
            _isStarting = true;
            return HttpContext.Response.StartAsync();
        }
    }

    private async ValueTask StartThenWriteOneAsync<T>(Task starting, T message, Marshaller<T> marshaller)
    {
        await starting.ConfigureAwait(false);
        lock (_gate)
            Write(message, marshaller, HttpContext.Response.BodyWriter);
    }

    private async ValueTask StartThenWriteAsync<T>(
        Task starting, T message, Marshaller<T> marshaller, bool isDue, CancellationToken cancellation)
    {
        await starting.ConfigureAwait(false);
        await WriteStartedAsync(message, marshaller, isDue, cancellation).ConfigureAwait(false);
    }

    private ValueTask WriteStartedAsync<T>(T message, Marshaller<T> marshaller, bool isDue, CancellationToken cancellation)
    {
        Task leaving;
        lock (_gate)
        {
            _flush ??= new(HttpContext.Response.BodyWriter, _gate);
            Write(message, marshaller, _flush);
            leaving = _flush.Wrote(isDue);
        }

        return leaving.IsCompletedSuccessfully ? ValueTask.CompletedTask : LeftAsync(leaving, cancellation);
    }

    private void Write<T>(T message, Marshaller<T> marshaller, IBufferWriter<byte> destination)
    {
        ThrowIfOver();
        (_outgoing ??= new(destination, _options.MaxSendMessageBytes)).Write(message, marshaller, CompressorOfNext());
        _metrics.Sent();
    }

    private async ValueTask LeftAsync(Task leaving, CancellationToken cancellation)
    {
        try
        {
            await leaving.WaitAsync(cancellation).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            // Half of the message may have left, so the stream cannot go on without it.
            HttpContext.Abort();
            throw;
        }

        // Kestrel lets go of whoever waits for a client that is gone.
        if (IsCancelled)
            throw new OperationCanceledException("The client ended the call.");
    }

    private void ThrowIfOver()
    {
        if (!_isOver)
            return;
        if (IsCancelled)
            throw new OperationCanceledException("The call is over: it was cancelled or its deadline passed.");
        throw new InvalidOperationException("The call is over: its handler has returned.");
    }

    // The application chooses, for all calls or for this one, and the client must know how to read it.
    private void ChooseCompression()
    {
        var encoding = _encodingAsked ?? _options.ResponseEncoding;
        if (encoding is null or WireHeaders.Identity
            || _options.Compression.Find(encoding) is not { } provider
            || !CompressionNames.IsListed(HttpContext.Request.Headers.GrpcAcceptEncoding, encoding))
        {
            return;
        }

        HttpContext.Response.Headers[WireHeaders.Encoding] = provider.EncodingName;
        _compressor = new(provider, _options.ResponseCompressionLevel);
    }

    private MessageCompressor? CompressorOfNext() =>
        _compressor is not null && (WriteOptions is not { } options || (options.Flags & WriteFlags.NoCompress) == 0) ? _compressor : null;

    private void WriteStatus(Status status, Metadata? trailers)
    {
        // Nothing sent yet: headers that end the stream are the whole answer (Trailers-Only).
        var destination = _isStarting || HttpContext.Response.HasStarted
            ? HttpContext.Features.GetRequiredFeature<IHttpResponseTrailersFeature>().Trailers
            : HttpContext.Response.Headers;
        if (trailers is not null)
            AddTo(destination, trailers);
        destination[WireHeaders.Status] = StatusValues.Format(status.StatusCode);
        if (status.Detail.Length > 0)
            destination[WireHeaders.Message] = PercentEncoding.Encode(status.Detail);
    }

    private static void AddTo(IHeaderDictionary destination, Metadata metadata)
    {
        foreach (var entry in metadata)
        {
            // The status must get through, so text that no header can carry is bent rather than refused.
            if (!MetadataValues.IsProtocolKey(entry.Key) || entry.Key == WireHeaders.AcceptEncoding)
                destination.Append(entry.Key, MetadataValues.ToAscii(MetadataValues.Encode(entry)));
        }
    }

    private TimeSpan? ReadTimeout()
    {
        var header = HttpContext.Request.Headers.GrpcTimeout;
        if (header.Count == 0)
            return null;
        if (TimeoutValue.TryParse(header.ToString(), out var timeout))
            return timeout;
        _log.MalformedTimeout(_method.FullName, header.ToString());
        return null;
    }
}
