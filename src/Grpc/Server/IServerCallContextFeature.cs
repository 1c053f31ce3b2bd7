using Grpc.Core;

namespace Grpc.AspNetCore.Server;

/// <summary>The HTTP request's feature that gives the call it carries, for middleware.</summary>
public interface IServerCallContextFeature
{
    /// <summary>The call.</summary>
    ServerCallContext ServerCallContext { get; }
}
