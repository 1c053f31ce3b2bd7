using Grpc.AspNetCore.Server.Calls;
using Grpc.Core;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Grpc.AspNetCore.Server.Mapping;

/// <summary>Makes an endpoint for each method that it is told of.</summary>
internal sealed class MethodEndpoints(
    IEndpointRouteBuilder routes, Type serviceType, MethodLimits limits, ServerLog log, CallMetrics metrics, TimeProvider time) : ServiceBinderBase
{
    private readonly List<IEndpointConventionBuilder> _endpoints = [];
    private readonly HashSet<string> _serviceNames = [];

    public IReadOnlyList<IEndpointConventionBuilder> Endpoints => _endpoints;

    public IReadOnlyCollection<string> ServiceNames => _serviceNames;

    /// <summary>Attributes of the next method's endpoint, such as [Authorize].</summary>
    public IReadOnlyList<object> NextAttributes { get; set; } = [];

    public override void AddMethod<TRequest, TResponse>(
        Method<TRequest, TResponse> method, UnaryServerMethod<TRequest, TResponse>? handler) =>
        Add(method, new UnaryCallHandler<TRequest, TResponse>(method, handler!, limits, log, new MethodMetrics(metrics, method), time).HandleAsync);

    public override void AddMethod<TRequest, TResponse>(
        Method<TRequest, TResponse> method, ClientStreamingServerMethod<TRequest, TResponse>? handler) =>
        Add(method, new ClientStreamingCallHandler<TRequest, TResponse>(method, handler!, limits, log, new MethodMetrics(metrics, method), time).HandleAsync);

    public override void AddMethod<TRequest, TResponse>(
        Method<TRequest, TResponse> method, ServerStreamingServerMethod<TRequest, TResponse>? handler) =>
        Add(method, new ServerStreamingCallHandler<TRequest, TResponse>(method, handler!, limits, log, new MethodMetrics(metrics, method), time).HandleAsync);

    public override void AddMethod<TRequest, TResponse>(
        Method<TRequest, TResponse> method, DuplexStreamingServerMethod<TRequest, TResponse>? handler) =>
        Add(method, new DuplexStreamingCallHandler<TRequest, TResponse>(method, handler!, limits, log, new MethodMetrics(metrics, method), time).HandleAsync);

    private void Add(IMethod method, RequestDelegate handle)
    {
        var endpoint = routes.MapMethods(method.FullName, [HttpMethods.Post], handle);
        endpoint.WithDisplayName($"gRPC - {method.FullName}");
        endpoint.WithMetadata([new GrpcMethodMetadata(serviceType, method), .. NextAttributes]);
        _endpoints.Add(endpoint);
        _serviceNames.Add(method.ServiceName);
        NextAttributes = [];
    }
}
