namespace Grpc.AspNetCore.Server.Model;

/// <summary>Says which methods a service has. Every registered provider is asked when the service is mapped.</summary>
/// <typeparam name="TService">The service's class.</typeparam>
public interface IServiceMethodProvider<TService>
    where TService : class
{
    /// <summary>Adds the methods that this provider knows of.</summary>
    void OnServiceMethodDiscovery(ServiceMethodProviderContext<TService> context);
}
