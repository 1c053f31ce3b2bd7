using Grpc.Core;

namespace Grpc.AspNetCore.Server.Mapping;

/// <summary>Maps the methods of a definition, whose handlers need no service.</summary>
internal sealed class DefinitionBinder(MethodEndpoints endpoints) : ServiceBinderBase
{
    public override void AddMethod<TRequest, TResponse>(
        Method<TRequest, TResponse> method, UnaryServerMethod<TRequest, TResponse>? handler) =>
        endpoints.Add(method, Attributes(handler), handler!);

    public override void AddMethod<TRequest, TResponse>(
        Method<TRequest, TResponse> method, ClientStreamingServerMethod<TRequest, TResponse>? handler) =>
        endpoints.Add(method, Attributes(handler), handler!);

    public override void AddMethod<TRequest, TResponse>(
        Method<TRequest, TResponse> method, ServerStreamingServerMethod<TRequest, TResponse>? handler) =>
        endpoints.Add(method, Attributes(handler), handler!);

    public override void AddMethod<TRequest, TResponse>(
        Method<TRequest, TResponse> method, DuplexStreamingServerMethod<TRequest, TResponse>? handler) =>
        endpoints.Add(method, Attributes(handler), handler!);

    // Of an instance that the definition was made of, its class and method may carry [Authorize] and others.
    private static object[] Attributes(Delegate? handler) => handler?.Target is { } target
        ? [.. target.GetType().GetCustomAttributes(inherit: true), .. handler.Method.GetCustomAttributes(inherit: true)]
        : [];
}
