namespace Grpc.Core.Interceptors;

/// <summary>The call that a client's interceptor sees, before it is made.</summary>
public struct ClientInterceptorContext<TRequest, TResponse>
    where TRequest : class
    where TResponse : class
{
    /// <summary>A call to a method, with options.</summary>
    public ClientInterceptorContext(Method<TRequest, TResponse> method, string? host, CallOptions options) =>
        (Method, Host, Options) = (method, host, options);

    /// <summary>The method.</summary>
    public Method<TRequest, TResponse> Method { get; }

    /// <summary>The host to ask for (<c>:authority</c>); null for the channel's.</summary>
    public string? Host { get; }

    /// <summary>The caller's options.</summary>
    public CallOptions Options { get; }
}
