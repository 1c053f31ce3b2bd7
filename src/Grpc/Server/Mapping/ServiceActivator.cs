using Microsoft.Extensions.DependencyInjection;

namespace Grpc.AspNetCore.Server.Mapping;

/// <summary>Gives the service that handles a call: the registered one, or one made for the call and disposed after it.</summary>
internal sealed class ServiceActivator<TService> : IGrpcServiceActivator<TService>
    where TService : class
{
    private readonly Lazy<ObjectFactory<TService>> _factory =
        new(static () => ActivatorUtilities.CreateFactory<TService>([]));

    public GrpcActivatorHandle<TService> Create(IServiceProvider serviceProvider) =>
        serviceProvider.GetService<TService>() is { } registered
            ? new(registered, created: false, state: null)
            : new(_factory.Value(serviceProvider, []), created: true, state: null);

    public ValueTask ReleaseAsync(GrpcActivatorHandle<TService> service) => service.DisposeCreatedAsync();
}
