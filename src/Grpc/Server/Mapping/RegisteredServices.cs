using Microsoft.Extensions.DependencyInjection;

namespace Grpc.AspNetCore.Server.Mapping;

/// <summary>How an application's services are registered, where nobody but .NET's own container has a say in it.</summary>
internal sealed class RegisteredServices(IServiceCollection registrations, IServiceProvider application)
{
    // Another container may know services that were never in the collection, or give those that were in its own way.
    private readonly bool _isAll = application.GetType().Assembly == typeof(ServiceProvider).Assembly;

    /// <summary>True where all requests are given the same instance.</summary>
    public bool IsSingleton(Type type) => _isAll && Last(type) is { Lifetime: ServiceLifetime.Singleton };

    /// <summary>True where nobody registered the type.</summary>
    public bool IsMissing(Type type) => _isAll && Last(type) is null;

    private ServiceDescriptor? Last(Type type) =>
        registrations.LastOrDefault(registration => registration.ServiceType == type && !registration.IsKeyedService);
}
