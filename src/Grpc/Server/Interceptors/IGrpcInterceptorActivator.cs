using Grpc.Core.Interceptors;

namespace Grpc.AspNetCore.Server;

/// <summary>Gives the interceptor that a call passes.</summary>
public interface IGrpcInterceptorActivator
{
    /// <summary>Finds or makes the interceptor.</summary>
    GrpcActivatorHandle<Interceptor> Create(IServiceProvider serviceProvider, InterceptorRegistration interceptorRegistration);

    /// <summary>Lets go of the interceptor after its call.</summary>
    ValueTask ReleaseAsync(GrpcActivatorHandle<Interceptor> interceptor);
}

/// <summary>Gives interceptors of one class.</summary>
/// <typeparam name="TInterceptor">The interceptor's class.</typeparam>
public interface IGrpcInterceptorActivator<TInterceptor> : IGrpcInterceptorActivator
    where TInterceptor : Interceptor;
