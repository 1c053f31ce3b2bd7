namespace Grpc.AspNetCore.Server.Calls;

/// <summary>What holds for one method's calls, once the service's options are laid over the application's.</summary>
internal sealed record MethodLimits(int? MaxReceiveMessageBytes, int? MaxSendMessageBytes, bool EnableDetailedErrors)
{
    public static MethodLimits From(GrpcServiceOptions service, GrpcServiceOptions application) => new(
        service.MaxReceiveMessageSizeSpecified ? service.MaxReceiveMessageSize
            : application.MaxReceiveMessageSizeSpecified ? application.MaxReceiveMessageSize
            : GrpcServiceOptions.DefaultMaxReceiveMessageSize,
        service.MaxSendMessageSizeSpecified ? service.MaxSendMessageSize : application.MaxSendMessageSize,
        service.EnableDetailedErrors ?? application.EnableDetailedErrors ?? false);
}
