using Grpc.Core;

namespace Grpc.AspNetCore.Server.Calls;

/// <summary>Many requests, one response.</summary>
internal sealed class ClientStreamingCallHandler<TRequest, TResponse>(
    Method<TRequest, TResponse> method,
    ClientStreamingServerMethod<TRequest, TResponse> handler,
    ServedMethod served) : CallHandler<TRequest, TResponse>(method, served)
    where TRequest : class
    where TResponse : class
{
    protected override async ValueTask RunAsync(ServerCall call, TRequest? request)
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
