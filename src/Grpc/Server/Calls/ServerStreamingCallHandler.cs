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
    protected override async ValueTask RunAsync(ServerCall call)
    {
        var request = await SingleRequest.ReadAsync(call, Method.RequestMarshaller).ConfigureAwait(false);
        var responses = new ServerStreamWriter<TResponse>(call, Method.ResponseMarshaller);
        await handler(request, responses, call).ConfigureAwait(false);
    }
}
