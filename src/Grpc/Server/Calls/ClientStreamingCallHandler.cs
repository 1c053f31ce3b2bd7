using Grpc.Core;

namespace Grpc.AspNetCore.Server.Calls;

/// <summary>Many requests, one response.</summary>
internal sealed class ClientStreamingCallHandler<TRequest, TResponse>(
    Method<TRequest, TResponse> method,
    ClientStreamingServerMethod<TRequest, TResponse> handler,
    MethodOptions options,
    ServerLog log,
    MethodMetrics metrics,
    TimeProvider time) : CallHandler<TRequest, TResponse>(method, options, log, metrics, time)
    where TRequest : class
    where TResponse : class
{
    protected override async Task RunAsync(ServerCall call)
    {
        var requests = new ServerStreamReader<TRequest>(call, Method.RequestMarshaller);
        try
        {
            var response = await handler(requests, call).ConfigureAwait(false);
            await WriteOneAsync(call, response).ConfigureAwait(false);
        }
        finally
        {
            requests.End();
        }
    }
}
