using Grpc.Core;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Grpc.AspNetCore.Server.Mapping;

/// <summary>Gives the service that handles a call: the registered one, or one made for the call and disposed after it.</summary>
internal sealed class ServiceActivator<TService>
    where TService : class
{
    private readonly Lazy<ObjectFactory<TService>> _factory =
        new(static () => ActivatorUtilities.CreateFactory<TService>([]));

    public TService Get(ServerCallContext context)
    {
        var http = context.GetHttpContext();
        if (http.RequestServices.GetService<TService>() is { } registered)
            return registered;

        var service = _factory.Value(http.RequestServices, []);
        if (service is IAsyncDisposable asyncDisposable)
            http.Response.RegisterForDisposeAsync(asyncDisposable);
        else if (service is IDisposable disposable)
            http.Response.RegisterForDispose(disposable);
        return service;
    }
}
