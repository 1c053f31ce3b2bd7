using System.Collections.Concurrent;
using System.IO.Compression;
using System.Net;
using System.Net.Security;
using Grpc.Core;
using Grpc.Net.Client.Balancer;
using Grpc.Net.Client.Calls;
using Grpc.Net.Client.Connections;
using Grpc.Net.Client.Credentials;
using Grpc.Net.Client.Retries;
using Grpc.Net.Compression;
using Grpc.Wire;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Grpc.Net.Client;

/// <summary>A way to one server. Costly to make and cheap to share: make one and keep it.</summary>
public sealed class GrpcChannel : ChannelBase, IDisposable
{
    private const string UserAgent = "streams-grpc/0.1 (.NET 10)";

    private readonly Lock _gate = new();
    private readonly ConcurrentDictionary<string, Uri> _methodUris = new(StringComparer.Ordinal);
    private readonly HttpMessageInvoker _http;
    private readonly bool _ownsHttp;
    private readonly Uri _address;
    private readonly ConnectionManager _connections;
    private readonly Version _version;
    private readonly HttpVersionPolicy _versionPolicy;
    private ClientCall? _newestCall;
    private bool _isDisposed;

    private GrpcChannel(Uri address, ChannelSecurity security, GrpcChannelOptions options)
        : base(TargetOf(address))
    {
        if (options is { HttpClient: not null, HttpHandler: not null })
            throw new ArgumentException("Set HttpClient or HttpHandler, not both.", nameof(options));
        if (security.Tls is not null && options is not { HttpClient: null, HttpHandler: null })
        {
            throw new InvalidOperationException(
                "SslCredentials with certificates are for a channel that makes its own connections: set them in the SslOptions of the handler that is given.");
        }

        _address = IsHttp(address) ? address : new Uri($"{(security.IsTls ? "https" : "http")}://{HostOf(address)}");
        _version = options.HttpVersion ?? HttpVersion.Version20;
        _versionPolicy = options.HttpVersionPolicy ?? HttpVersionPolicy.RequestVersionExact;
        _ownsHttp = options.DisposeHttpClient || options is { HttpClient: null, HttpHandler: null };
        var handler = options.HttpClient is null ? options.HttpHandler ?? CreateHandler(security.Tls) : null;
        _http = options.HttpClient ?? new HttpMessageInvoker(handler!, _ownsHttp);
        IsPlain = handler is SocketsHttpHandler;

        AllowsCallCredentials = security.IsTls || options.UnsafeUseInsecureChannelCallCredentials;
        CallCredentials = AllowsCallCredentials ? security.CallCredentials : null;

        MaxSendMessageBytes = options.MaxSendMessageSize;
        MaxReceiveMessageBytes = options.MaxReceiveMessageSize;
        Compression = new(options.CompressionProviders
            ?? [new GzipCompressionProvider(CompressionLevel.Fastest), new DeflateCompressionProvider(CompressionLevel.Fastest)]);
        ThrowsOperationCanceled = options.ThrowOperationCanceledOnCancellation;
        Time = (TimeProvider?)options.ServiceProvider?.GetService(typeof(TimeProvider)) ?? TimeProvider.System;
        var loggers = options.LoggerFactory
            ?? (ILoggerFactory?)options.ServiceProvider?.GetService(typeof(ILoggerFactory))
            ?? NullLoggerFactory.Instance;
        Log = new ClientLog(loggers.CreateLogger<GrpcChannel>());
        Repetition = RepetitionRules.From(options);
        var http = HttpConnections.TryServe(handler, _address);
        if (http is null && !IsHttp(address))
            throw new ArgumentException($"The address {address} stands for several servers, which takes a SocketsHttpHandler without a ConnectCallback.", nameof(address));
        BriefRequests = new(this);
        _connections = new(this, ResolverOf(address, security, options, loggers), IsHttp(address), http, options, loggers);
    }

    /// <summary>What the channel is doing about its connection.</summary>
    public ConnectivityState State => _connections.State;

    internal RepetitionRules? Repetition { get; }

    /// <summary>True where requests go straight to .NET's own handler, whose ways are known.</summary>
    internal bool IsPlain { get; }

    /// <summary>True where connections are made here, so that a request whose connection failed has not left and can be sent elsewhere.</summary>
    internal bool PicksServers => _connections.Http is not null;

    internal BriefRequests BriefRequests { get; }

    internal int? MaxSendMessageBytes { get; }

    internal int? MaxReceiveMessageBytes { get; }

    internal CompressionNames Compression { get; }

    internal bool ThrowsOperationCanceled { get; }

    internal bool AllowsCallCredentials { get; }

    internal CallCredentials? CallCredentials { get; }

    internal TimeProvider Time { get; }

    internal ClientLog Log { get; }

    /// <summary>A channel to an address such as <c>http://localhost:7070</c> (plain text) or <c>https://gateway:7070</c> (TLS).</summary>
    public static GrpcChannel ForAddress(string address) => ForAddress(address, new GrpcChannelOptions());

    /// <summary>A channel to an address, with options.</summary>
    public static GrpcChannel ForAddress(string address, GrpcChannelOptions channelOptions) =>
        ForAddress(new Uri(address), channelOptions);

    /// <summary>A channel to an address.</summary>
    public static GrpcChannel ForAddress(Uri address) => ForAddress(address, new GrpcChannelOptions());

    /// <summary>A channel to an address, with options.</summary>
    /// <exception cref="ArgumentException">The address is neither http nor https, the credentials' certificates cannot be read, or the options contradict each other.</exception>
    /// <exception cref="InvalidOperationException">The credentials do not fit the address, or bring certificates to a handler of the caller's own.</exception>
    public static GrpcChannel ForAddress(Uri address, GrpcChannelOptions channelOptions)
    {
        ArgumentNullException.ThrowIfNull(address);
        ArgumentNullException.ThrowIfNull(channelOptions);
        return new(address, ChannelSecurity.Of(address, channelOptions.Credentials), channelOptions);
    }

    /// <inheritdoc/>
    public override CallInvoker CreateCallInvoker()
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        var once = new ChannelCallInvoker(this);
        return Repetition is null ? once : new RepeatingCallInvoker(this, Repetition, once);
    }

    /// <summary>Connects without a call. A failure is tried again, after growing waits, until it succeeds.</summary>
    /// <exception cref="OperationCanceledException">It was cancelled first.</exception>
    /// <exception cref="InvalidOperationException">The channel was disposed meanwhile.</exception>
    public Task ConnectAsync(CancellationToken cancellationToken = default)
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        return _connections.ConnectAsync(cancellationToken);
    }

    /// <summary>Waits until <see cref="State"/> is another than this. It does not connect.</summary>
    /// <exception cref="OperationCanceledException">It was cancelled first.</exception>
    public Task WaitForStateChangedAsync(ConnectivityState lastObservedState, CancellationToken cancellationToken = default) =>
        _connections.WaitForStateChangedAsync(lastObservedState, cancellationToken);

    /// <summary>Ends the channel: its calls are cancelled and new ones refused.</summary>
    public void Dispose()
    {
        List<ClientCall> calls = [];
        lock (_gate)
        {
            if (_isDisposed)
                return;
            _isDisposed = true;
            for (var call = _newestCall; call is not null; call = call.Previous)
                calls.Add(call);
        }

        foreach (var call in calls)
            call.Dispose();
        _connections.Dispose();
        if (_ownsHttp)
            _http.Dispose();
    }

    /// <inheritdoc/>
    protected override Task ShutdownAsyncCore()
    {
        Dispose();
        return Task.CompletedTask;
    }

    /// <exception cref="ObjectDisposedException">The channel is disposed.</exception>
    internal void Add(ClientCall call)
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            call.Previous = _newestCall;
            _newestCall?.Next = call;
            _newestCall = call;
        }
    }

    internal void Remove(ClientCall call)
    {
        lock (_gate)
        {
            if (call.Next is { } next)
                next.Previous = call.Previous;
            else if (_newestCall == call)
                _newestCall = call.Previous;
            call.Previous?.Next = call.Next;
            (call.Previous, call.Next) = (null, null);
        }
    }

    /// <summary>Makes a request with this body and the headers that every call's has. Its address is to follow.</summary>
    internal HttpRequestMessage CreateRequest(HttpContent content)
    {
        var request = new HttpRequestMessage { Method = HttpMethod.Post, Version = _version, VersionPolicy = _versionPolicy, Content = content };
        content.Headers.TryAddWithoutValidation("Content-Type", WireHeaders.ContentType);
        request.Headers.TryAddWithoutValidation(WireHeaders.TE, WireHeaders.Trailers);
        request.Headers.TryAddWithoutValidation(WireHeaders.AcceptEncoding, Compression.Accepted);
        request.Headers.TryAddWithoutValidation(WireHeaders.UserAgent, UserAgent);
        return request;
    }

    /// <summary>Sends a request to the server that is picked for it, and waits for the response's headers.</summary>
    /// <exception cref="RpcException">There is no server, and the call does not wait for one.</exception>
    internal Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, Subchannel? chosen, bool waitsForReady, CancellationToken cancellation)
    {
        if (chosen is not null)
            return SendAsync(request, PickResult.ForSubchannel(chosen), cancellation);
        return _connections.TryPick(request) is { } picked
            ? SendAsync(request, picked, cancellation)
            : PickThenSendAsync(request, new PickContext { Request = request }, waitsForReady, cancellation);
    }

    private async Task<HttpResponseMessage> PickThenSendAsync(
        HttpRequestMessage request, PickContext context, bool waitsForReady, CancellationToken cancellation) =>
        await SendAsync(request, await _connections.PickAsync(context, waitsForReady, cancellation).ConfigureAwait(false), cancellation).ConfigureAwait(false);

    private Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, PickResult picked, CancellationToken cancellation)
    {
        var subchannel = picked.Subchannel!;
        Address(request, subchannel.CurrentAddress);

        var sending = _http is HttpClient client
            ? client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellation)
            : _http.SendAsync(request, cancellation);
        return picked.SubchannelCallTracker is { } tracker ? TrackAsync(sending, tracker, subchannel.CurrentAddress) : sending;
    }

    private static async Task<HttpResponseMessage> TrackAsync(Task<HttpResponseMessage> sending, ISubchannelCallTracker tracker, BalancerAddress? address)
    {
        tracker.Start();
        Exception? error = null;
        try
        {
            return await sending.ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            error = exception;
            throw;
        }
        finally
        {
            tracker.Complete(new CompletionContext { Address = address, Error = error });
        }
    }

    // The handler keeps connections by host and port, so a request to another server than the channel's names that one.
    private void Address(HttpRequestMessage request, BalancerAddress? address)
    {
        if (address is null || (address.EndPoint.Port == _address.Port && string.Equals(address.EndPoint.Host, _address.IdnHost, StringComparison.OrdinalIgnoreCase)))
            return;
        if (request.Headers.Host is null && address.Attributes.TryGetValue(BalancerAddress.HostOverride, out var host))
            request.Headers.Host = host;
        request.RequestUri = new UriBuilder(request.RequestUri!) { Host = address.EndPoint.Host, Port = address.EndPoint.Port }.Uri;
    }

    private static Resolver ResolverOf(Uri address, ChannelSecurity security, GrpcChannelOptions options, ILoggerFactory loggers)
    {
        if (IsHttp(address))
            return new StaticResolver([new BalancerAddress(address.IdnHost.Trim('[', ']'), address.Port)]);
        var own = (IEnumerable<ResolverFactory>?)options.ServiceProvider?.GetService(typeof(IEnumerable<ResolverFactory>)) ?? [];
        var factory = ((IEnumerable<ResolverFactory>)[.. own, new DnsResolverFactory(Timeout.InfiniteTimeSpan)])
            .FirstOrDefault(factory => string.Equals(factory.Name, address.Scheme, StringComparison.OrdinalIgnoreCase))
            ?? throw new InvalidOperationException($"Nobody resolves addresses such as {address}: there is no ResolverFactory named '{address.Scheme}' among the channel's services.");
        return factory.Create(new ResolverOptions(address, security.IsTls ? 443 : 80, loggers, options));
    }

    private static bool IsHttp(Uri address) => address.Scheme == Uri.UriSchemeHttp || address.Scheme == Uri.UriSchemeHttps;

    private static string TargetOf(Uri address) => address.IsAbsoluteUri && IsHttp(address) ? address.Authority : address.OriginalString;

    // A target such as static:///servers names no host; requests then name the server that they go to.
    private static string HostOf(Uri address) =>
        address.AbsolutePath.Trim('/') is { Length: > 0 } path && Uri.TryCreate($"http://{path}", UriKind.Absolute, out var host) ? host.Authority : "localhost";

    /// <summary>The address of a method. A server has a bounded set of them, so what is kept of them does not grow without end.</summary>
    internal Uri UriOf(IMethod method) => _methodUris.TryGetValue(method.FullName, out var uri)
        ? uri
        : _methodUris.GetOrAdd(method.FullName, static (path, address) => new Uri(address, path), _address);

    /// <summary>The handler of a channel that was given none.</summary>
    internal static SocketsHttpHandler CreateHandler(SslClientAuthenticationOptions? tls = null)
    {
        var handler = new SocketsHttpHandler
        {
            EnableMultipleHttp2Connections = true,
            AllowAutoRedirect = false,
            UseCookies = false,
        };
        if (tls is not null)
            handler.SslOptions = tls;
        return handler;
    }
}
