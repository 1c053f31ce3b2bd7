using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.DependencyInjection;

namespace Grpc.AspNetCore.Server.Mapping;

/// <summary>Gives the service that handles a call: the registered one, or one made for the call and disposed after it.</summary>
internal sealed class ServiceActivator<TService>(IServiceProvider application, RegisteredServices registered) : IGrpcServiceActivator<TService>
    where TService : class
{
    private static readonly bool IsDisposable =
        typeof(IDisposable).IsAssignableFrom(typeof(TService)) || typeof(IAsyncDisposable).IsAssignableFrom(typeof(TService));

    private readonly Lazy<ObjectFactory<TService>> _factory =
        new(static () => ActivatorUtilities.CreateFactory<TService>([]));

    private readonly bool _isSingleton = registered.IsSingleton(typeof(TService));
    private readonly bool _needsNothing = registered.IsMissing(typeof(TService)) && typeof(TService).GetConstructors() is [var only] && only.GetParameters().Length == 0;

    /// <summary>True where a service must be released.</summary>
    public static bool MustRelease(in GrpcActivatorHandle<TService> service) => service.Created && IsDisposable;

    public GrpcActivatorHandle<TService> Create(IServiceProvider serviceProvider) =>
        serviceProvider.GetService<TService>() is { } registered
            ? new(registered, created: false, state: null)
            : new(_factory.Value(serviceProvider, []), created: true, state: null);

    /// <summary>Gives the service of a request that has no services of its own so far, where it takes none: making a scope costs as much as a call.</summary>
    public GrpcActivatorHandle<TService> Create(HttpContext http)
    {
        // Whoever gave the request other services left them there.
        if ((!_isSingleton && !_needsNothing) || http.Features[typeof(IServiceProvidersFeature)] is not null)
            return Create(http.RequestServices);
        return _needsNothing ? new(_factory.Value(application, []), created: true, state: null) : Create(application);
    }

    public ValueTask ReleaseAsync(GrpcActivatorHandle<TService> service) => service.DisposeCreatedAsync();
}
