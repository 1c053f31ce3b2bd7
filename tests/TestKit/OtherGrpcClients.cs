using Xunit;

namespace TestKit;

/// <summary>gRPC programs of others, such as grpcurl and ghz, on machines that have them.</summary>
public static class OtherGrpcClients
{
    /// <summary>Why there are none; null where they are here.</summary>
    public static string? Missing => Script is null ? "no ../shared/grpc-clients/run beside the repository (or STREAMS_SHARED/grpc-clients/run)" : null;

    private static string? Script { get; } = SharedPrograms.Find("grpc-clients", "run");

    /// <summary>The script that unpacks and runs one of them by name; without it the test is skipped.</summary>
    public static string RunOrSkip()
    {
        Skip.If(Script is null, Missing);
        return Script!;
    }
}
