namespace Grpc.AspNetCore.Server;

/// <summary>Gives the service that handles a call.</summary>
/// <typeparam name="TGrpcService">The service's class.</typeparam>
public interface IGrpcServiceActivator<TGrpcService>
    where TGrpcService : class
{
    /// <summary>Finds or makes the service.</summary>
    GrpcActivatorHandle<TGrpcService> Create(IServiceProvider serviceProvider);

    /// <summary>Lets go of the service after its call.</summary>
    ValueTask ReleaseAsync(GrpcActivatorHandle<TGrpcService> service);
}
