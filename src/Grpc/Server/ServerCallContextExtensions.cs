using Grpc.AspNetCore.Server.Calls;
using Microsoft.AspNetCore.Http;

namespace Grpc.Core;

/// <summary>Reaches from a call to the HTTP request that carries it.</summary>
public static class ServerCallContextExtensions
{
    internal const string HttpContextKey = "__HttpContext";

    /// <summary>The request that carries this call.</summary>
    /// <remarks>A test's own context gives one under the key <c>__HttpContext</c> of its <see cref="ServerCallContext.UserState"/>.</remarks>
    /// <exception cref="InvalidOperationException">The context was not made by this server.</exception>
    public static HttpContext GetHttpContext(this ServerCallContext serverCallContext)
    {
        ArgumentNullException.ThrowIfNull(serverCallContext);
        if (serverCallContext is ServerCall call)
            return call.HttpContext;
        if (serverCallContext.UserState.TryGetValue(HttpContextKey, out var value) && value is HttpContext http)
            return http;
        throw new InvalidOperationException($"{serverCallContext.GetType()} has no HTTP request behind it.");
    }
}
