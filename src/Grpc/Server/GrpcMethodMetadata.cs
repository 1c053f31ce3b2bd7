using Grpc.Core;

namespace Grpc.AspNetCore.Server;

/// <summary>Says of an endpoint that it serves a gRPC method.</summary>
public sealed class GrpcMethodMetadata
{
    /// <summary>An endpoint that serves this method of this service.</summary>
    public GrpcMethodMetadata(Type serviceType, IMethod method)
    {
        ArgumentNullException.ThrowIfNull(serviceType);
        ArgumentNullException.ThrowIfNull(method);
        ServiceType = serviceType;
        Method = method;
    }

    /// <summary>The class that handles the call.</summary>
    public Type ServiceType { get; }

    /// <summary>The method.</summary>
    public IMethod Method { get; }
}
