using TestKit;

namespace Grpc.Tests;

/// <summary>gRPC programs of others, on a machine that has them.</summary>
internal static class OtherClients
{
    public static string ProtoFolder { get; } = Path.Combine(AppContext.BaseDirectory, "Protos");

    public static bool AreHere => OtherGrpcClients.Missing is null;

    /// <summary>Starts one of them by name, or skips the test.</summary>
    public static OtherProgram StartOrSkip(string name, params string[] arguments) => new(RunOrSkip(), [name, .. arguments], input: "");

    /// <summary>The script that unpacks and runs one of them by name.</summary>
    public static string RunOrSkip() => OtherGrpcClients.RunOrSkip();
}
