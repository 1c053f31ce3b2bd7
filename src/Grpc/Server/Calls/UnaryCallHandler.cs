using System.Runtime.CompilerServices;
using Grpc.Core;

namespace Grpc.AspNetCore.Server.Calls;

/// <summary>One request, one response.</summary>
internal sealed class UnaryCallHandler<TRequest, TResponse>(
    Method<TRequest, TResponse> method,
    UnaryServerMethod<TRequest, TResponse> handler,
    ServedMethod served) : CallHandler<TRequest, TResponse>(method, served)
    where TRequest : class
    where TResponse : class
{
    protected override ValueTask RunAsync(ServerCall call, TRequest? request)
    {
        var responding = handler(request!, call);
        return responding.IsCompletedSuccessfully ? WriteOneAsync(call, responding.Result) : RespondAsync(call, responding);
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    private async ValueTask RespondAsync(ServerCall call, Task<TResponse> responding) =>
        await WriteOneAsync(call, await responding.ConfigureAwait(false)).ConfigureAwait(false);
}
