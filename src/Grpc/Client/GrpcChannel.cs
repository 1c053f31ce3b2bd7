using System.Collections.Concurrent;
using System.IO.Compression;
using System.Net;
using Grpc.Core;
using Grpc.Net.Client.Calls;
using Grpc.Net.Client.Credentials;
using Grpc.Net.Compression;
using Grpc.Wire;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Grpc.Net.Client;

/// <summary>A way to one server. Costly to make and cheap to share: make one and keep it.</summary>
public sealed class GrpcChannel : ChannelBase, IDisposable
{
    // No connection within this time is no connection (gRPC's connection-backoff.md: minimum connect timeout).
    private static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(20);

    private readonly Lock _gate = new();
    private readonly HashSet<ClientCall> _calls = [];
    private readonly ConcurrentDictionary<string, Uri> _methodUris = new(StringComparer.Ordinal);
    private readonly HttpMessageInvoker _http;
    private readonly bool _ownsHttp;
    private readonly Uri _address;
    private readonly Version _version;
    private readonly HttpVersionPolicy _versionPolicy;
    private bool _isDisposed;

    private GrpcChannel(Uri address, ChannelSecurity security, GrpcChannelOptions options)
        : base(address.Authority)
    {
        if (options is { HttpClient: not null, HttpHandler: not null })
            throw new ArgumentException("Set HttpClient or HttpHandler, not both.", nameof(options));

        _address = address;
        _version = options.HttpVersion ?? HttpVersion.Version20;
        _versionPolicy = options.HttpVersionPolicy ?? HttpVersionPolicy.RequestVersionExact;
        _ownsHttp = options.DisposeHttpClient || options is { HttpClient: null, HttpHandler: null };
        _http = options.HttpClient ?? new HttpMessageInvoker(options.HttpHandler ?? CreateHandler(), _ownsHttp);

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
    }

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
    /// <exception cref="ArgumentException">The address is neither http nor https, or the options contradict it or each other.</exception>
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
        return new ChannelCallInvoker(this);
    }

    /// <summary>Ends the channel: its calls are cancelled and new ones refused.</summary>
    public void Dispose()
    {
        ClientCall[] calls;
        lock (_gate)
        {
            if (_isDisposed)
                return;
            _isDisposed = true;
            calls = [.. _calls];
        }

        foreach (var call in calls)
            call.Dispose();
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
            _calls.Add(call);
        }
    }

    internal void Remove(ClientCall call)
    {
        lock (_gate)
            _calls.Remove(call);
    }

    internal HttpRequestMessage CreateRequest(IMethod method) => new(HttpMethod.Post, UriOf(method))
    {
        Version = _version,
        VersionPolicy = _versionPolicy,
    };

    internal Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellation) =>
        _http is HttpClient client
            ? client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellation)
            : _http.SendAsync(request, cancellation);

    // A server has a bounded set of methods, so this does not grow without end.
    private Uri UriOf(IMethod method) => _methodUris.TryGetValue(method.FullName, out var uri)
        ? uri
        : _methodUris.GetOrAdd(method.FullName, static (path, address) => new Uri(address, path), _address);

    private static SocketsHttpHandler CreateHandler() => new()
    {
        EnableMultipleHttp2Connections = true,
        ConnectTimeout = ConnectTimeout,
        AllowAutoRedirect = false,
        UseCookies = false,
    };
}
