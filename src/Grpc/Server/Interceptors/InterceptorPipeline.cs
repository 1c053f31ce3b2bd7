using Grpc.Core;
using Grpc.Core.Interceptors;
using Microsoft.Extensions.DependencyInjection;

namespace Grpc.AspNetCore.Server.Interceptors;

/// <summary>Puts interceptors around handlers, the first registered outermost. It is built once per method.</summary>
internal sealed class InterceptorPipeline
{
    private readonly Step[] _steps;

    public InterceptorPipeline(IReadOnlyList<InterceptorRegistration> registrations, IServiceProvider services) =>
        _steps = [.. registrations.Select(registration => new Step(registration, services))];

    public UnaryServerMethod<TRequest, TResponse> Around<TRequest, TResponse>(UnaryServerMethod<TRequest, TResponse> handler)
        where TRequest : class
        where TResponse : class
    {
        var next = handler;
        foreach (var step in Enumerable.Reverse(_steps))
            next = One(step, next);
        return next;

        static UnaryServerMethod<TRequest, TResponse> One(Step step, UnaryServerMethod<TRequest, TResponse> next) =>
            async (request, context) =>
            {
                var handle = step.Create(context);
                try
                {
                    return await handle.Instance.UnaryServerHandler(request, context, next).ConfigureAwait(false);
                }
                finally
                {
                    await step.ReleaseAsync(handle).ConfigureAwait(false);
                }
            };
    }

    public ClientStreamingServerMethod<TRequest, TResponse> Around<TRequest, TResponse>(ClientStreamingServerMethod<TRequest, TResponse> handler)
        where TRequest : class
        where TResponse : class
    {
        var next = handler;
        foreach (var step in Enumerable.Reverse(_steps))
            next = One(step, next);
        return next;

        static ClientStreamingServerMethod<TRequest, TResponse> One(Step step, ClientStreamingServerMethod<TRequest, TResponse> next) =>
            async (requests, context) =>
            {
                var handle = step.Create(context);
                try
                {
                    return await handle.Instance.ClientStreamingServerHandler(requests, context, next).ConfigureAwait(false);
                }
                finally
                {
                    await step.ReleaseAsync(handle).ConfigureAwait(false);
                }
            };
    }

    public ServerStreamingServerMethod<TRequest, TResponse> Around<TRequest, TResponse>(ServerStreamingServerMethod<TRequest, TResponse> handler)
        where TRequest : class
        where TResponse : class
    {
        var next = handler;
        foreach (var step in Enumerable.Reverse(_steps))
            next = One(step, next);
        return next;

        static ServerStreamingServerMethod<TRequest, TResponse> One(Step step, ServerStreamingServerMethod<TRequest, TResponse> next) =>
            async (request, responses, context) =>
            {
                var handle = step.Create(context);
                try
                {
                    await handle.Instance.ServerStreamingServerHandler(request, responses, context, next).ConfigureAwait(false);
                }
                finally
                {
                    await step.ReleaseAsync(handle).ConfigureAwait(false);
                }
            };
    }

    public DuplexStreamingServerMethod<TRequest, TResponse> Around<TRequest, TResponse>(DuplexStreamingServerMethod<TRequest, TResponse> handler)
        where TRequest : class
        where TResponse : class
    {
        var next = handler;
        foreach (var step in Enumerable.Reverse(_steps))
            next = One(step, next);
        return next;

        static DuplexStreamingServerMethod<TRequest, TResponse> One(Step step, DuplexStreamingServerMethod<TRequest, TResponse> next) =>
            async (requests, responses, context) =>
            {
                var handle = step.Create(context);
                try
                {
                    await handle.Instance.DuplexStreamingServerHandler(requests, responses, context, next).ConfigureAwait(false);
                }
                finally
                {
                    await step.ReleaseAsync(handle).ConfigureAwait(false);
                }
            };
    }

    private sealed class Step(InterceptorRegistration registration, IServiceProvider services)
    {
        private readonly IGrpcInterceptorActivator _activator = (IGrpcInterceptorActivator)services.GetRequiredService(
            typeof(IGrpcInterceptorActivator<>).MakeGenericType(registration.Type));

        public GrpcActivatorHandle<Interceptor> Create(ServerCallContext context)
        {
            var http = context.GetHttpContext();

            // An interceptor may go on with a context of its own that only shares our UserState; the request is found there then.
            http.Items[ServerCallContextExtensions.HttpContextKey] = http;
            return _activator.Create(http.RequestServices, registration);
        }

        public ValueTask ReleaseAsync(GrpcActivatorHandle<Interceptor> handle) => _activator.ReleaseAsync(handle);
    }
}
