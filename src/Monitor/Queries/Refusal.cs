using Grpc.Core;

namespace Monitor.Queries;

/// <summary>Answers that say no, and why.</summary>
internal static class Refusal
{
    public static RpcException Invalid(string why) => new(new Status(StatusCode.InvalidArgument, why));

    public static RpcException NotFound(string why) => new(new Status(StatusCode.NotFound, why));

    public static RpcException Exhausted(string why) => new(new Status(StatusCode.ResourceExhausted, why));

    public static RpcException Unavailable(string why) => new(new Status(StatusCode.Unavailable, why));
}
