using Grpc.AspNetCore.Server.Calls;
using Grpc.AspNetCore.Server.Interceptors;
using Grpc.Core;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Routing.Patterns;
using Microsoft.Extensions.DependencyInjection;

namespace Grpc.AspNetCore.Server.Mapping;

/// <summary>Makes an endpoint for each method of a service.</summary>
internal sealed class MethodEndpoints(IEndpointRouteBuilder routes, Type serviceType, MethodOptions options)
{
    private readonly List<IEndpointConventionBuilder> _endpoints = [];
    private readonly HashSet<string> _serviceNames = [];
    private readonly InterceptorPipeline _interceptors = new(options.Interceptors, routes.ServiceProvider);
    private readonly ServerLog _log = routes.ServiceProvider.GetRequiredService<ServerLog>();
    private readonly CallMetrics _metrics = routes.ServiceProvider.GetRequiredService<CallMetrics>();
    private readonly TimeProvider _time = routes.ServiceProvider.GetRequiredService<TimeProvider>();

    public IReadOnlyList<IEndpointConventionBuilder> Endpoints => _endpoints;

    public IReadOnlyCollection<string> ServiceNames => _serviceNames;

    public void Add<TRequest, TResponse>(Method<TRequest, TResponse> method, IList<object> metadata, UnaryServerMethod<TRequest, TResponse> handler)
        where TRequest : class
        where TResponse : class =>
        Add(method, metadata, new UnaryCallHandler<TRequest, TResponse>(
            method, _interceptors.Around(handler), Serve(method)).HandleAsync);

    public void Add<TRequest, TResponse>(
        Method<TRequest, TResponse> method, IList<object> metadata, ClientStreamingServerMethod<TRequest, TResponse> handler)
        where TRequest : class
        where TResponse : class =>
        Add(method, metadata, new ClientStreamingCallHandler<TRequest, TResponse>(
            method, _interceptors.Around(handler), Serve(method)).HandleAsync);

    public void Add<TRequest, TResponse>(
        Method<TRequest, TResponse> method, IList<object> metadata, ServerStreamingServerMethod<TRequest, TResponse> handler)
        where TRequest : class
        where TResponse : class =>
        Add(method, metadata, new ServerStreamingCallHandler<TRequest, TResponse>(
            method, _interceptors.Around(handler), Serve(method)).HandleAsync);

    public void Add<TRequest, TResponse>(
        Method<TRequest, TResponse> method, IList<object> metadata, DuplexStreamingServerMethod<TRequest, TResponse> handler)
        where TRequest : class
        where TResponse : class =>
        Add(method, metadata, new DuplexStreamingCallHandler<TRequest, TResponse>(
            method, _interceptors.Around(handler), Serve(method)).HandleAsync);

    public void Add(IMethod method, RoutePattern pattern, IList<object> metadata, RequestDelegate handle) =>
        Add(method, metadata, routes.Map(pattern, handle));

    private void Add(IMethod method, IList<object> metadata, RequestDelegate handle)
    {
        Add(method, metadata, routes.MapMethods(method.FullName, [HttpMethods.Post], handle));
        _serviceNames.Add(method.ServiceName);
    }

    private void Add(IMethod method, IList<object> metadata, IEndpointConventionBuilder endpoint)
    {
        endpoint.WithDisplayName($"gRPC - {method.FullName}");
        endpoint.WithMetadata([new GrpcMethodMetadata(serviceType, method), .. metadata]);
        _endpoints.Add(endpoint);
    }

    private ServedMethod Serve(IMethod method) => new(method, options, _log, new(_metrics, method), _time);
}
