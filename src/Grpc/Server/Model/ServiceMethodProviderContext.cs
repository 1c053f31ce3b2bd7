using Grpc.AspNetCore.Server.Mapping;
using Grpc.Core;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing.Patterns;

namespace Grpc.AspNetCore.Server.Model;

/// <summary>Collects the methods of a service that is being mapped.</summary>
/// <typeparam name="TService">The service's class.</typeparam>
public class ServiceMethodProviderContext<TService>
    where TService : class
{
    private readonly MethodEndpoints _endpoints;
    private readonly ServiceCalls<TService> _calls;

    internal ServiceMethodProviderContext(MethodEndpoints endpoints, ServiceCalls<TService> calls, object? argument) =>
        (_endpoints, _calls, Argument) = (endpoints, calls, argument);

    /// <summary>What the service was mapped with: a definition, or null for a class.</summary>
    public object? Argument { get; }

    /// <summary>Adds a method with one request and one response.</summary>
    public void AddUnaryMethod<TRequest, TResponse>(
        Method<TRequest, TResponse> method, IList<object> metadata, UnaryServerMethod<TService, TRequest, TResponse> invoker)
        where TRequest : class
        where TResponse : class => _endpoints.Add(method, metadata, _calls.Open(invoker));

    /// <summary>Adds a method with one request and many responses.</summary>
    public void AddServerStreamingMethod<TRequest, TResponse>(
        Method<TRequest, TResponse> method, IList<object> metadata, ServerStreamingServerMethod<TService, TRequest, TResponse> invoker)
        where TRequest : class
        where TResponse : class => _endpoints.Add(method, metadata, _calls.Open(invoker));

    /// <summary>Adds a method with many requests and one response.</summary>
    public void AddClientStreamingMethod<TRequest, TResponse>(
        Method<TRequest, TResponse> method, IList<object> metadata, ClientStreamingServerMethod<TService, TRequest, TResponse> invoker)
        where TRequest : class
        where TResponse : class => _endpoints.Add(method, metadata, _calls.Open(invoker));

    /// <summary>Adds a method with many requests and many responses.</summary>
    public void AddDuplexStreamingMethod<TRequest, TResponse>(
        Method<TRequest, TResponse> method, IList<object> metadata, DuplexStreamingServerMethod<TService, TRequest, TResponse> invoker)
        where TRequest : class
        where TResponse : class => _endpoints.Add(method, metadata, _calls.Open(invoker));

    /// <summary>Adds a method at a path of its own, served by a delegate that does everything itself.</summary>
    public void AddMethod<TRequest, TResponse>(
        Method<TRequest, TResponse> method, RoutePattern pattern, IList<object> metadata, RequestDelegate invoker)
        where TRequest : class
        where TResponse : class => _endpoints.Add(method, pattern, metadata, invoker);
}
