using System.IO.Compression;
using Grpc.Net.Compression;

namespace Grpc.AspNetCore.Server;

/// <summary>What a service allows.</summary>
public class GrpcServiceOptions
{
    internal const int DefaultMaxReceiveMessageSize = 4 * 1024 * 1024;

    /// <summary>Largest response message, in bytes. Default null: no limit of ours.</summary>
    public int? MaxSendMessageSize
    {
        get;
        set
        {
            field = value;
            MaxSendMessageSizeSpecified = true;
        }
    }

    /// <summary>True where <see cref="MaxSendMessageSize"/> was set, even to null.</summary>
    public bool MaxSendMessageSizeSpecified { get; set; }

    /// <summary>Largest request message, in bytes. Default 4 MiB; null for no limit. A larger one ends its call.</summary>
    public int? MaxReceiveMessageSize
    {
        get;
        set
        {
            field = value;
            MaxReceiveMessageSizeSpecified = true;
        }
    }

    /// <summary>True where <see cref="MaxReceiveMessageSize"/> was set, even to null.</summary>
    public bool MaxReceiveMessageSizeSpecified { get; set; }

    /// <summary>True where clients are told the type and message of a handler's exception. Default false: that may be a secret.</summary>
    public bool? EnableDetailedErrors { get; set; }

    /// <summary>True where calls to services that are not mapped go on to other middleware. Default false: they are UNIMPLEMENTED.</summary>
    public bool? IgnoreUnknownServices { get; set; }

    /// <summary>What responses are compressed with, such as <c>gzip</c>, for clients that take it. Default null: nothing.</summary>
    /// <remarks>A message whose write options say <c>NoCompress</c> is sent as it is.</remarks>
    public string? ResponseCompressionAlgorithm { get; set; }

    /// <summary>How hard to compress responses. Default null: as the provider does by itself.</summary>
    public CompressionLevel? ResponseCompressionLevel { get; set; }

    /// <summary>The ways to compress that are known. An application starts with gzip and deflate; a service's are added to those.</summary>
    public IList<ICompressionProvider> CompressionProviders { get; set; } = [];

    /// <summary>The interceptors that calls pass: the application's before the service's.</summary>
    public InterceptorCollection Interceptors { get; } = [];

    /// <summary>True where no service is made for a call, and its methods are called without one. Default false.</summary>
    public bool SuppressCreatingService { get; set; }
}

/// <summary>What one service allows; what is not set here comes from <see cref="GrpcServiceOptions"/>.</summary>
public class GrpcServiceOptions<TService> : GrpcServiceOptions
    where TService : class;
