using Microsoft.Extensions.Logging;

namespace Grpc.Net.Client;

/// <summary>How a channel connects and what it allows.</summary>
public sealed class GrpcChannelOptions
{
    /// <summary>The security of the channel. Default: what the address's scheme says (http: none, https: TLS).</summary>
    public Core.ChannelCredentials? Credentials { get; set; }

    /// <summary>Largest message to send, in bytes. Default null: no limit of ours.</summary>
    public int? MaxSendMessageSize { get; set; }

    /// <summary>Largest message to receive, in bytes. Default 4 MiB; null for no limit. A larger one ends its call.</summary>
    public int? MaxReceiveMessageSize { get; set; } = 4 * 1024 * 1024;

    /// <summary>Where the channel logs. Default: nowhere.</summary>
    public ILoggerFactory? LoggerFactory { get; set; }

    /// <summary>Sends the requests. Default: a <see cref="HttpHandler"/> of the channel's own.</summary>
    public HttpClient? HttpClient { get; set; }

    /// <summary>Sends the requests. Default: a <see cref="SocketsHttpHandler"/> that opens further connections when one is full.</summary>
    public HttpMessageHandler? HttpHandler { get; set; }

    /// <summary>True where disposing the channel disposes <see cref="HttpClient"/> or <see cref="HttpHandler"/> too.</summary>
    public bool DisposeHttpClient { get; set; }

    /// <summary>True where a call cancelled by its token throws <see cref="OperationCanceledException"/>, not <see cref="Core.RpcException"/>.</summary>
    public bool ThrowOperationCanceledOnCancellation { get; set; }

    /// <summary>True where call credentials may travel in plain text. Default false: they are left off such calls.</summary>
    public bool UnsafeUseInsecureChannelCallCredentials { get; set; }

    /// <summary>The HTTP version to ask for. Default 2.0.</summary>
    public Version? HttpVersion { get; set; }

    /// <summary>How firmly to ask for it. Default: exactly that version.</summary>
    public HttpVersionPolicy? HttpVersionPolicy { get; set; }
}
