using Grpc.Core;

namespace Grpc.AspNetCore.Server.Calls;

/// <summary>One request, many responses.</summary>
internal sealed class ServerStreamingCallHandler<TRequest, TResponse>(
    Method<TRequest, TResponse> method,
    ServerStreamingServerMethod<TRequest, TResponse> handler,
    ServedMethod served) : CallHandler<TRequest, TResponse>(method, served)
    where TRequest : class
    where TResponse : class
{
    protected override ValueTask RunAsync(ServerCall call, TRequest? request) =>
        new(handler(request!, new ServerStreamWriter<TResponse>(call, Method.ResponseMarshaller), call));
}
