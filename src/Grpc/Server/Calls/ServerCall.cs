using System.IO.Pipelines;
using Grpc.Core;
using Grpc.Wire;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Grpc.AspNetCore.Server.Calls;

/// <summary>One call on the server: its context for the handler, its response, and its end.</summary>
/// <remarks>
/// A call ends once: when its handler does, or when its deadline passes, whichever comes first. Both, and every write,
/// happen inside <see cref="Gate"/>: nothing is written after the status and the status is written once.
/// </remarks>
internal sealed class ServerCall : ServerCallContext, IServerCallContextFeature
{
    private const int Http2Cancel = 8;

    private CallDetails? _details;
    private bool _isStarting;
    private bool _isCutOff;
    private bool _isOver;

    public ServerCall(HttpContext http, ServedMethod served)
    {
        HttpContext = http;
        Served = served;
        http.Features[typeof(IServerCallContextFeature)] = this;
        http.Response.ContentType = WireHeaders.ContentType;
        if (ReadTimeout() is { } timeout)
        {
            _details = new() { Expiry = new(this, timeout, served.Time) };
            _details.Expiry.Start();
        }
    }

    public HttpContext HttpContext { get; }

    public ServedMethod Served { get; }

    /// <summary>Whether the deadline ended the call.</summary>
    public bool HasExpired => Expiry is { HasExpired: true };

    ServerCallContext IServerCallContextFeature.ServerCallContext => this;

    protected override string MethodCore => Served.Method.FullName;

    protected override string HostCore => HttpContext.Request.Host.Value ?? "";

    protected override string PeerCore => PeerIdentity.Address(HttpContext.Connection);

    protected override DateTime DeadlineCore => Expiry?.Deadline ?? DateTime.MaxValue;

    protected override CancellationToken CancellationTokenCore =>
        Expiry is { } expiry ? expiry.GetToken(HttpContext.RequestAborted) : HttpContext.RequestAborted;

    protected override Metadata ResponseTrailersCore => Details.ResponseTrailers ??= [];

    protected override Status StatusCore
    {
        get => _details?.Status ?? default;
        set => Details.Status = value;
    }

    protected override WriteOptions? WriteOptionsCore
    {
        get => _details?.WriteOptions;
        set => Details.WriteOptions = value;
    }

    protected override AuthContext AuthContextCore => Details.AuthContext ??= PeerIdentity.FromCertificate(HttpContext.Connection.ClientCertificate);

    protected override IDictionary<object, object> UserStateCore => HttpContext.Items!;

    protected override Metadata RequestHeadersCore
    {
        get
        {
            if (Details.RequestHeaders is { } known)
                return known;
            var received = new Metadata();
            foreach (var (name, values) in HttpContext.Request.Headers)
            {
                foreach (var value in values)
                    MetadataValues.AddReceived(received, name, value);
            }

            return Details.RequestHeaders = received;
        }
    }

    // It guards the response, and nobody else locks it. A Lock would make every call 40 bytes larger, for a gate that few of them find closed.
    private object Gate => HttpContext.Response;

    /// <summary>The call's deadline; null where it has none.</summary>
    private CallExpiry? Expiry => _details?.Expiry;

    // Handlers may ask on several threads at once.
    private CallDetails Details => _details ?? Interlocked.CompareExchange(ref _details, new(), null) ?? _details;

    // Kestrel's token may say so only later.
    private bool IsCancelled => Expiry is { HasExpired: true } || _isCutOff || HttpContext.RequestAborted.IsCancellationRequested;

    /// <summary>The client ended the call in the middle of its requests. To be thrown.</summary>
    public OperationCanceledException CutOff(IOException exception)
    {
        _isCutOff = true;
        return new("The client ended the call.", exception);
    }

    /// <summary>Writes the one response of a call that has one. It leaves with the status.</summary>
    public ValueTask WriteOneAsync<T>(T message, Marshaller<T> marshaller)
    {
        Task starting;
        lock (Gate)
        {
            starting = Start();
            if (starting.IsCompletedSuccessfully)
            {
                WriteOne(message, marshaller);
                return ValueTask.CompletedTask;
            }
        }

        return StartThenWriteOneAsync(starting, message, marshaller);
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
        if (_details?.Flush is not { } flush)
            return;
        lock (Gate)
            flush.LetGo();
    }

    /// <summary>Sends the status that a handler's end means, unless the deadline was faster.</summary>
    public ValueTask EndAsync(Status status)
    {
        Task leaving;
        lock (Gate)
        {
            if (_isOver)
                return new(Expiry!.Told);
            _isOver = true;
            WriteStatus(status, _details?.ResponseTrailers);
            leaving = _details?.Flush?.End() ?? Task.CompletedTask;
        }

        Expiry?.Stop();
        return new(leaving);
    }

    /// <summary>The status that a handler's exception means.</summary>
    public Status Explain(Exception exception)
    {
        switch (exception)
        {
            case RpcException failure:
                foreach (var entry in failure.Trailers)
                    ResponseTrailers.Add(entry);
                Served.Log.Failed(Served.Method.FullName, failure.StatusCode, failure.Status.Detail, failure.Status.DebugException);
                return failure.Status;

            // Kestrel's word for a lost connection may come before its token's.
            case OperationCanceledException or IOException when IsCancelled || exception is IOException { InnerException: ConnectionAbortedException }:
                Served.Log.Cancelled(Served.Method.FullName);
                return Status.DefaultCancelled;

            case BadHttpRequestException badRequest:
                Served.Log.Failed(Served.Method.FullName, StatusCode.Internal, badRequest.Message, badRequest);
                return new(StatusCode.Internal, badRequest.Message);

            default:
                Served.Log.HandlerThrew(Served.Method.FullName, exception);
                return new(StatusCode.Unknown, Served.Options.EnableDetailedErrors
                    ? $"Exception was thrown by handler. {exception.GetType().Name}: {exception.Message}"
                    : "Exception was thrown by handler.");
        }
    }

    /// <summary>A callback that the handler left on its token threw. The call is over all the same.</summary>
    public void CallbackThrew(AggregateException exception) => Served.Log.HandlerThrew(Served.Method.FullName, exception);

    /// <summary>The deadline has passed. True where the call still ran, and is over now.</summary>
    public bool TryExpire()
    {
        lock (Gate)
        {
            if (_isOver)
                return false;
            _isOver = true;
            _details?.Flush?.CutShort();
            Expiry!.HasExpired = true;
            Served.Log.DeadlineExceeded(Served.Method.FullName, Expiry.Deadline);

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
            Served.Log.ExpiryFailed(Served.Method.FullName, exception);
        }
    }

    protected override async Task WriteResponseHeadersAsyncCore(Metadata responseHeaders)
    {
        ArgumentNullException.ThrowIfNull(responseHeaders);
        ValueTask<FlushResult> flushing;
        lock (Gate)
        {
            ThrowIfOver();
            if (_isStarting)
                throw new InvalidOperationException("Response headers can only be sent once per call, before the first message.");
            AddTo(HttpContext.Response.Headers, responseHeaders);
            Details.EncodingAsked = responseHeaders.GetValue(WireHeaders.EncodingRequest);
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

        lock (Gate)
            return Start();
    }

    private Task Start()
    {
        ThrowIfOver();
        if (!_isStarting)
            ChooseCompression();
        _isStarting = true;
        return HttpContext.Response.StartAsync();
    }

    private async ValueTask StartThenWriteOneAsync<T>(Task starting, T message, Marshaller<T> marshaller)
    {
        await starting.ConfigureAwait(false);
        lock (Gate)
            WriteOne(message, marshaller);
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
        lock (Gate)
        {
            ThrowIfOver();
            var flush = Details.Flush ??= new(HttpContext.Response.BodyWriter, Served.Options.MaxSendMessageBytes, Gate);
            flush.Messages.Write(message, marshaller, CompressorOfNext());
            Served.Metrics.Sent();
            leaving = flush.Wrote(isDue);
        }

        return leaving.IsCompletedSuccessfully ? ValueTask.CompletedTask : LeftAsync(leaving, cancellation);
    }

    private void WriteOne<T>(T message, Marshaller<T> marshaller)
    {
        ThrowIfOver();
        PipeMessage.WriteOne(message, marshaller, CompressorOfNext(), HttpContext.Response.BodyWriter, Served.Options.MaxSendMessageBytes);
        Served.Metrics.Sent();
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
        var encoding = _details?.EncodingAsked ?? Served.Options.ResponseEncoding;
        if (encoding is null or WireHeaders.Identity
            || Served.Options.Compression.Find(encoding) is not { } provider
            || !CompressionNames.IsListed(HttpContext.Request.Headers.GrpcAcceptEncoding, encoding))
        {
            return;
        }

        HttpContext.Response.Headers[WireHeaders.Encoding] = provider.EncodingName;
        Details.Compressor = new(provider, Served.Options.ResponseCompressionLevel);
    }

    private MessageCompressor? CompressorOfNext() =>
        _details is { Compressor: { } compressor } && (WriteOptions is not { } options || (options.Flags & WriteFlags.NoCompress) == 0) ? compressor : null;

    private void WriteStatus(Status status, Metadata? trailers)
    {
        // Nothing sent yet: headers that end the stream are the whole answer (Trailers-Only).
        var destination = _isStarting || HttpContext.Response.HasStarted
            ? Trailers()
            : HttpContext.Response.Headers;
        if (trailers is not null)
            AddTo(destination, trailers);
        destination[WireHeaders.Status] = StatusValues.Format(status.StatusCode);
        if (status.Detail.Length > 0)
            destination[WireHeaders.Message] = PercentEncoding.Encode(status.Detail);
    }

    // By its type: features of generic methods are found by way of a look-up of the method first.
    private IHeaderDictionary Trailers() => HttpContext.Features[typeof(IHttpResponseTrailersFeature)] is IHttpResponseTrailersFeature feature
        ? feature.Trailers
        : throw new InvalidOperationException("The server has no trailers, which gRPC needs: it must serve HTTP/2 and give IHttpResponseTrailersFeature.");

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
        Served.Log.MalformedTimeout(Served.Method.FullName, header.ToString());
        return null;
    }
}
