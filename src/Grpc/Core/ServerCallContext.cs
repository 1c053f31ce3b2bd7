using System.Runtime.CompilerServices;

namespace Grpc.Core;

/// <summary>What a handler knows about its call, and how it adds to the answer.</summary>
/// <remarks>Every member has a protected twin ending in Core, so that a test can make a context of its own.</remarks>
public abstract class ServerCallContext
{
    // Of contexts that keep it nowhere else, which are those of tests: a served call need not have room for it.
    private static readonly ConditionalWeakTable<ServerCallContext, Dictionary<object, object>> UserStates = [];

    /// <summary>The path that was called, such as <c>/streams.v1.Ingest/ShipLogs</c>.</summary>
    public string Method => MethodCore;

    /// <summary>The host that the client asked for (<c>:authority</c>).</summary>
    public string Host => HostCore;

    /// <summary>Who called, such as <c>ipv4:10.0.0.7:41712</c> or <c>ipv6:[::1]:41712</c>; <c>unknown</c> without an address.</summary>
    public string Peer => PeerCore;

    /// <summary>When the client stops waiting, in UTC. <see cref="DateTime.MaxValue"/> where it waits for ever.</summary>
    public DateTime Deadline => DeadlineCore;

    /// <summary>The metadata that the client sent.</summary>
    public Metadata RequestHeaders => RequestHeadersCore;

    /// <summary>Cancelled when the client cancels, its connection is lost or the deadline passes.</summary>
    public CancellationToken CancellationToken => CancellationTokenCore;

    /// <summary>Metadata to send after the last message.</summary>
    public Metadata ResponseTrailers => ResponseTrailersCore;

    /// <summary>The status to send when the handler returns. A thrown <see cref="RpcException"/> wins over it.</summary>
    public Status Status
    {
        get => StatusCore;
        set => StatusCore = value;
    }

    /// <summary>How the response's messages are written.</summary>
    public WriteOptions? WriteOptions
    {
        get => WriteOptionsCore;
        set => WriteOptionsCore = value;
    }

    /// <summary>What the client's TLS certificate says, where it showed one.</summary>
    public AuthContext AuthContext => AuthContextCore;

    /// <summary>Room for interceptors and handlers of one call to leave things for each other.</summary>
    public IDictionary<object, object> UserState => UserStateCore;

    /// <summary>Sends the response headers now, with this metadata. Without it they go with the first message.</summary>
    /// <exception cref="InvalidOperationException">The headers are on their way already.</exception>
    public Task WriteResponseHeadersAsync(Metadata responseHeaders) => WriteResponseHeadersAsyncCore(responseHeaders);

    /// <summary>Carries deadline and cancellation over to a call that the handler makes.</summary>
    public ContextPropagationToken CreatePropagationToken(ContextPropagationOptions? options = null) =>
        CreatePropagationTokenCore(options);

    /// <summary>Gives <see cref="Method"/>.</summary>
    protected abstract string MethodCore { get; }

    /// <summary>Gives <see cref="Host"/>.</summary>
    protected abstract string HostCore { get; }

    /// <summary>Gives <see cref="Peer"/>.</summary>
    protected abstract string PeerCore { get; }

    /// <summary>Gives <see cref="Deadline"/>.</summary>
    protected abstract DateTime DeadlineCore { get; }

    /// <summary>Gives <see cref="RequestHeaders"/>.</summary>
    protected abstract Metadata RequestHeadersCore { get; }

    /// <summary>Gives <see cref="CancellationToken"/>.</summary>
    protected abstract CancellationToken CancellationTokenCore { get; }

    /// <summary>Gives <see cref="ResponseTrailers"/>.</summary>
    protected abstract Metadata ResponseTrailersCore { get; }

    /// <summary>Holds <see cref="Status"/>.</summary>
    protected abstract Status StatusCore { get; set; }

    /// <summary>Holds <see cref="WriteOptions"/>.</summary>
    protected abstract WriteOptions? WriteOptionsCore { get; set; }

    /// <summary>Gives <see cref="AuthContext"/>.</summary>
    protected abstract AuthContext AuthContextCore { get; }

    /// <summary>Gives <see cref="UserState"/>.</summary>
    protected virtual IDictionary<object, object> UserStateCore => UserStates.GetOrCreateValue(this);

    /// <summary>Does <see cref="WriteResponseHeadersAsync"/>.</summary>
    protected abstract Task WriteResponseHeadersAsyncCore(Metadata responseHeaders);

    /// <summary>Does <see cref="CreatePropagationToken"/>.</summary>
    protected abstract ContextPropagationToken CreatePropagationTokenCore(ContextPropagationOptions? options);
}
