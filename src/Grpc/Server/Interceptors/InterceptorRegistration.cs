namespace Grpc.AspNetCore.Server;

/// <summary>An interceptor that calls pass: its class, and what its constructor is given beside services.</summary>
public class InterceptorRegistration
{
    private readonly object[] _arguments;

    internal InterceptorRegistration(Type type, object[] arguments) => (Type, _arguments) = (type, arguments);

    /// <summary>The interceptor's class.</summary>
    public Type Type { get; }

    /// <summary>What its constructor is given.</summary>
    public IReadOnlyList<object> Arguments => _arguments;
}
