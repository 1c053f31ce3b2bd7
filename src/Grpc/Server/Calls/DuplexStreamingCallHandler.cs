using Grpc.Core;

namespace Grpc.AspNetCore.Server.Calls;

/// <summary>Many requests, many responses.</summary>
internal sealed class DuplexStreamingCallHandler<TRequest, TResponse>(
    Method<TRequest, TResponse> method,
    DuplexStreamingServerMethod<TRequest, TResponse> handler,
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
        var responses = new ServerStreamWriter<TResponse>(call, Method.ResponseMarshaller);
        try
        {
            await handler(requests, responses, call).ConfigureAwait(false);
        }
        finally
        {
            requests.End();
        }
    }
}
