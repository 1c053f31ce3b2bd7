using System.IO.Compression;
using Grpc.Wire;

namespace Grpc.AspNetCore.Server.Calls;

/// <summary>What holds for one method's calls, once the service's options are laid over the application's.</summary>
internal sealed class MethodOptions
{
    private MethodOptions(GrpcServiceOptions service, GrpcServiceOptions application)
    {
        MaxReceiveMessageBytes = service.MaxReceiveMessageSizeSpecified ? service.MaxReceiveMessageSize
            : application.MaxReceiveMessageSizeSpecified ? application.MaxReceiveMessageSize
            : GrpcServiceOptions.DefaultMaxReceiveMessageSize;
        MaxSendMessageBytes = service.MaxSendMessageSizeSpecified ? service.MaxSendMessageSize : application.MaxSendMessageSize;
        EnableDetailedErrors = service.EnableDetailedErrors ?? application.EnableDetailedErrors ?? false;
        Compression = new([.. application.CompressionProviders, .. service.CompressionProviders]);
        ResponseEncoding = service.ResponseCompressionAlgorithm ?? application.ResponseCompressionAlgorithm;
        ResponseCompressionLevel = service.ResponseCompressionLevel ?? application.ResponseCompressionLevel;
        Interceptors = [.. application.Interceptors, .. service.Interceptors];
        SuppressCreatingService = service.SuppressCreatingService || application.SuppressCreatingService;
        if (ResponseEncoding is not null and not WireHeaders.Identity && Compression.Find(ResponseEncoding) is null)
        {
            throw new InvalidOperationException(
                $"The response compression algorithm '{ResponseEncoding}' has no provider. Known are: {Compression.Accepted}.");
        }
    }

    public int? MaxReceiveMessageBytes { get; }

    public int? MaxSendMessageBytes { get; }

    public bool EnableDetailedErrors { get; }

    public CompressionNames Compression { get; }

    /// <summary>What responses are compressed with where the client takes it; null for nothing.</summary>
    public string? ResponseEncoding { get; }

    public CompressionLevel? ResponseCompressionLevel { get; }

    /// <summary>The application's, then the service's.</summary>
    public IReadOnlyList<InterceptorRegistration> Interceptors { get; }

    public bool SuppressCreatingService { get; }

    /// <exception cref="InvalidOperationException">Responses are to be compressed in a way that nobody provides.</exception>
    public static MethodOptions From(GrpcServiceOptions service, GrpcServiceOptions application) => new(service, application);
}
