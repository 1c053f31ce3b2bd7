using Grpc.Core;

namespace Grpc.AspNetCore.Server.Calls;

/// <summary>One request, one response.</summary>
internal sealed class UnaryCallHandler<TRequest, TResponse>(
    Method<TRequest, TResponse> method,
    UnaryServerMethod<TRequest, TResponse> handler,
    MethodOptions options,
    ServerLog log,
    MethodMetrics metrics,
    TimeProvider time) : CallHandler<TRequest, TResponse>(method, options, log, metrics, time)
    where TRequest : class
    where TResponse : class
{
    protected override async Task RunAsync(ServerCall call)
    {
        var request = await call.Requests.ReadOneAsync(Method.RequestMarshaller).ConfigureAwait(false);
        var response = await handler(request, call).ConfigureAwait(false);
        await WriteOneAsync(call, response).ConfigureAwait(false);
    }
}
