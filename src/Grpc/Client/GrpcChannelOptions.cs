using Grpc.Core;
using Grpc.Net.Client.Configuration;
using Grpc.Net.Compression;
using Microsoft.Extensions.Logging;

namespace Grpc.Net.Client;

/// <summary>How a channel connects and what it allows.</summary>
public sealed class GrpcChannelOptions
{
    /// <summary>The security of the channel. Default: what the address's scheme says (http: none, https: TLS).</summary>
    public ChannelCredentials? Credentials { get; set; }

    /// <summary>Largest message to send, in bytes. Default null: no limit of ours.</summary>
    public int? MaxSendMessageSize { get; set; }

    /// <summary>Largest message to receive, in bytes. Default 4 MiB; null for no limit. A larger one ends its call.</summary>
    public int? MaxReceiveMessageSize { get; set; } = 4 * 1024 * 1024;

    /// <summary>The ways to compress that are known. Default null: gzip and deflate.</summary>
    /// <remarks>
    /// All of them are offered to the server. A call's requests are compressed where its headers have
    /// <c>grpc-internal-encoding-request</c> with the name of one; that header itself is not sent.
    /// </remarks>
    public IList<ICompressionProvider>? CompressionProviders { get; set; }

    /// <summary>Where the channel logs. Default: nowhere.</summary>
    public ILoggerFactory? LoggerFactory { get; set; }

    /// <summary>Sends the requests. Default: a handler of the channel's own. Its Timeout holds for every call.</summary>
    public HttpClient? HttpClient { get; set; }

    /// <summary>Sends the requests. Default: a <see cref="SocketsHttpHandler"/> that opens another connection when one is full.</summary>
    public HttpMessageHandler? HttpHandler { get; set; }

    /// <summary>True where disposing the channel disposes <see cref="HttpClient"/> or <see cref="HttpHandler"/> too.</summary>
    public bool DisposeHttpClient { get; set; }

    /// <summary>
    /// True where a call that was cancelled, disposed or out of time here throws <see cref="OperationCanceledException"/>.
    /// Default false: it throws <see cref="RpcException"/>.
    /// </summary>
    public bool ThrowOperationCanceledOnCancellation { get; set; }

    /// <summary>True where call credentials may travel in plain text. Default false: they are left off such calls.</summary>
    public bool UnsafeUseInsecureChannelCallCredentials { get; set; }

    /// <summary>How calls are balanced and repeated. Default null: pick first, and not at all.</summary>
    public ServiceConfig? ServiceConfig { get; set; }

    /// <summary>True where a service configuration that the resolver finds is not used. Default false.</summary>
    public bool DisableResolverServiceConfig { get; set; }

    /// <summary>How often a call is made at most, whatever its policy says. Default 5; null for what the policy says.</summary>
    public int? MaxRetryAttempts { get; set; } = 5;

    /// <summary>What all calls together keep of their requests in case they are repeated, in bytes. Default 16 MiB; null for no limit.</summary>
    /// <remarks>A call beyond that is not repeated.</remarks>
    public long? MaxRetryBufferSize { get; set; } = 16 * 1024 * 1024;

    /// <summary>What one call keeps of its requests in case it is repeated, in bytes. Default 1 MiB; null for no limit.</summary>
    /// <remarks>A call beyond that is not repeated.</remarks>
    public long? MaxRetryBufferPerCallSize { get; set; } = 1024 * 1024;

    /// <summary>Longest wait between attempts to connect. Default 120 s; null for no limit.</summary>
    public TimeSpan? MaxReconnectBackoff { get; set; } = TimeSpan.FromSeconds(120);

    /// <summary>Wait after the first failed attempt to connect. Default 1 s. It grows by 1.6 from one to the next.</summary>
    public TimeSpan InitialReconnectBackoff { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>
    /// Where the channel finds a <see cref="TimeProvider"/>, resolvers' and balancers' factories, and an <see cref="ILoggerFactory"/> where
    /// none is set.
    /// </summary>
    public IServiceProvider? ServiceProvider { get; set; }

    /// <summary>The HTTP version to ask for. Default 2.0.</summary>
    public Version? HttpVersion { get; set; }

    /// <summary>How firmly to ask for it. Default: exactly that version.</summary>
    public HttpVersionPolicy? HttpVersionPolicy { get; set; }
}
