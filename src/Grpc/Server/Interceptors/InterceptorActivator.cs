using Grpc.Core.Interceptors;
using Microsoft.Extensions.DependencyInjection;

namespace Grpc.AspNetCore.Server.Interceptors;

/// <summary>Gives the registered instance of an interceptor, or makes one with the arguments of its registration.</summary>
internal sealed class InterceptorActivator<TInterceptor> : IGrpcInterceptorActivator<TInterceptor>
    where TInterceptor : Interceptor
{
    public GrpcActivatorHandle<Interceptor> Create(IServiceProvider serviceProvider, InterceptorRegistration interceptorRegistration)
    {
        // An instance with arguments of its own cannot be the one that all share.
        if (interceptorRegistration.Arguments.Count == 0 && serviceProvider.GetService<TInterceptor>() is { } registered)
            return new(registered, created: false, state: null);
        return new(
            ActivatorUtilities.CreateInstance<TInterceptor>(serviceProvider, [.. interceptorRegistration.Arguments]), created: true, state: null);
    }

    public ValueTask ReleaseAsync(GrpcActivatorHandle<Interceptor> interceptor) => interceptor.DisposeCreatedAsync();
}
