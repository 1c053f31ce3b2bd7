using Grpc.Core;

namespace Grpc.AspNetCore.Server.Calls;

/// <summary>A mapped method, and what all of its calls share.</summary>
internal sealed class ServedMethod(IMethod method, MethodOptions options, ServerLog log, MethodMetrics metrics, TimeProvider time)
{
    public IMethod Method { get; } = method;

    public MethodOptions Options { get; } = options;

    public ServerLog Log { get; } = log;

    public MethodMetrics Metrics { get; } = metrics;

    public TimeProvider Time { get; } = time;
}
