using Grpc.Core;

namespace Grpc.AspNetCore.Server.Calls;

/// <summary>Many requests, many responses.</summary>
internal sealed class DuplexStreamingCallHandler<TRequest, TResponse>(
    Method<TRequest, TResponse> method,
    DuplexStreamingServerMethod<TRequest, TResponse> handler,
    ServedMethod served) : CallHandler<TRequest, TResponse>(method, served)
    where TRequest : class
    where TResponse : class
{
    protected override async ValueTask RunAsync(ServerCall call, TRequest? request)
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
