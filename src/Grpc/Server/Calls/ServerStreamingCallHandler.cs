using Grpc.Core;

namespace Grpc.AspNetCore.Server.Calls;

/// <summary>One request, many responses.</summary>
internal sealed class ServerStreamingCallHandler<TRequest, TResponse>(
    Method<TRequest, TResponse> method,
    ServerStreamingServerMethod<TRequest, TResponse> handler,
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
        var responses = new ServerStreamWriter<TResponse>(call, Method.ResponseMarshaller);
        await handler(request, responses, call).ConfigureAwait(false);
    }
}
