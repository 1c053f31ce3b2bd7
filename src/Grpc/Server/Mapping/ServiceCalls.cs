using Grpc.AspNetCore.Server.Model;
using Grpc.Core;

namespace Grpc.AspNetCore.Server.Mapping;

/// <summary>Turns methods that want their service into handlers that find it, call by call.</summary>
internal sealed class ServiceCalls<TService>(IGrpcServiceActivator<TService> activator, bool withoutService)
    where TService : class
{
    // Of our own activator it is known what it does and when it must let go; the rest needs no scope and no state machine.
    private readonly ServiceActivator<TService>? _own = activator as ServiceActivator<TService>;

    public UnaryServerMethod<TRequest, TResponse> Open<TRequest, TResponse>(UnaryServerMethod<TService, TRequest, TResponse> method)
        where TRequest : class
        where TResponse : class
    {
        return (request, context) =>
        {
            var service = Create(context);
            return MustRelease(service) ? ThenReleaseAsync(service, request, context) : method(service.Instance, request, context);
        };

        async Task<TResponse> ThenReleaseAsync(GrpcActivatorHandle<TService> service, TRequest request, ServerCallContext context)
        {
            try
            {
                return await method(service.Instance, request, context).ConfigureAwait(false);
            }
            finally
            {
                await activator.ReleaseAsync(service).ConfigureAwait(false);
            }
        }
    }

    public ClientStreamingServerMethod<TRequest, TResponse> Open<TRequest, TResponse>(ClientStreamingServerMethod<TService, TRequest, TResponse> method)
        where TRequest : class
        where TResponse : class => async (requests, context) =>
        {
            var service = Create(context);
            try
            {
                return await method(service.Instance, requests, context).ConfigureAwait(false);
            }
            finally
            {
                await ReleaseAsync(service).ConfigureAwait(false);
            }
        };

    public ServerStreamingServerMethod<TRequest, TResponse> Open<TRequest, TResponse>(ServerStreamingServerMethod<TService, TRequest, TResponse> method)
        where TRequest : class
        where TResponse : class => async (request, responses, context) =>
        {
            var service = Create(context);
            try
            {
                await method(service.Instance, request, responses, context).ConfigureAwait(false);
            }
            finally
            {
                await ReleaseAsync(service).ConfigureAwait(false);
            }
        };

    public DuplexStreamingServerMethod<TRequest, TResponse> Open<TRequest, TResponse>(DuplexStreamingServerMethod<TService, TRequest, TResponse> method)
        where TRequest : class
        where TResponse : class => async (requests, responses, context) =>
        {
            var service = Create(context);
            try
            {
                await method(service.Instance, requests, responses, context).ConfigureAwait(false);
            }
            finally
            {
                await ReleaseAsync(service).ConfigureAwait(false);
            }
        };

    private GrpcActivatorHandle<TService> Create(ServerCallContext context)
    {
        if (withoutService)
            return default;
        var http = context.GetHttpContext();
        return _own is not null ? _own.Create(http) : activator.Create(http.RequestServices);
    }

    private bool MustRelease(in GrpcActivatorHandle<TService> service) =>
        !withoutService && (_own is null || ServiceActivator<TService>.MustRelease(service));

    private ValueTask ReleaseAsync(GrpcActivatorHandle<TService> service) => MustRelease(service) ? activator.ReleaseAsync(service) : default;
}
