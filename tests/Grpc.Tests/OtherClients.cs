namespace Grpc.Tests;

/// <summary>Where gRPC programs of others are, on a machine that has them.</summary>
internal static class OtherClients
{
    public static string ProtoFolder { get; } = Path.Combine(AppContext.BaseDirectory, "Protos");

    public static bool AreHere => Candidates().Any(File.Exists);

    /// <summary>Starts one of them by name, or skips the test.</summary>
    public static OtherProgram StartOrSkip(string name, params string[] arguments) => new(RunOrSkip(), [name, .. arguments], input: "");

    /// <summary>The script that unpacks and runs one of them by name.</summary>
    public static string RunOrSkip()
    {
        var run = Candidates().FirstOrDefault(File.Exists);
        Skip.If(run is null, "No other gRPC clients on this machine: set GRPC_CLIENTS to the folder that has their run script.");
        return run!;
    }

    private static IEnumerable<string> Candidates()
    {
        if (Environment.GetEnvironmentVariable("GRPC_CLIENTS") is { Length: > 0 } folder)
            yield return Path.Combine(folder, "run");
        for (var at = new DirectoryInfo(AppContext.BaseDirectory); at is not null; at = at.Parent)
            yield return Path.Combine(at.FullName, "shared", "grpc-clients", "run");
    }
}
