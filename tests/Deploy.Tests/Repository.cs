namespace Deploy.Tests;

/// <summary>Where the files under test lie, and what may lie beside the repository to try them with.</summary>
internal static class Repository
{
    /// <summary>The folder of <c>Streams.sln</c>.</summary>
    public static string Root { get; } = Find();

    /// <summary>The manifests.</summary>
    public static string Kubernetes { get; } = Path.Combine(Root, "deploy", "k8s");

    /// <summary>The verifiers' folder; null where there is none.</summary>
    public static string? Verifiers { get; } = Beside("verify");

    /// <summary>The script that runs a control plane; null where there is none.</summary>
    public static string? ControlPlane { get; } = Beside("kubernetes") is { } folder ? Path.Combine(folder, "kubernetes") : null;

    /// <summary>The <c>streams</c> command as this build made it: beside the tests, in the same configuration.</summary>
    public static string Program { get; } = Path.Combine(
        Root, "src", "Cli", "bin", Path.GetFileName(Path.GetDirectoryName(AppContext.BaseDirectory.TrimEnd('/'))!), "net10.0", "streams-cli.dll");

    private static string? Beside(string name)
    {
        var shared = Environment.GetEnvironmentVariable("STREAMS_SHARED") ?? Path.Combine(Root, "..", "shared");
        var folder = Path.GetFullPath(Path.Combine(shared, name));
        return Directory.Exists(folder) ? folder : null;
    }

    private static string Find()
    {
        var folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "Streams.sln")))
            folder = Path.GetDirectoryName(folder) ?? throw new InvalidOperationException("The tests must run inside the repository.");
        return folder;
    }
}
