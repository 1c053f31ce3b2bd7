using Google.Protobuf;
using Grpc.Interop;

namespace Grpc.Tests.Interop;

/// <summary>Interoperability programs on gRPC's C core (Python) and on grpc-js (Node), on a machine that has what they run on.</summary>
/// <remarks><c>tests/Grpc.Interop/run-all</c> installs both.</remarks>
internal sealed class Peers : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("grpc-interop-").FullName;

    /// <summary>The program and first arguments of a peer, or skips the test.</summary>
    public async Task<string[]> CommandOrSkipAsync(string peer) => peer switch
    {
        "python" => await PythonOrSkipAsync(),
        _ => NodeOrSkip(),
    };

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private static string Installed(params string[] parts) => Path.Combine([AppContext.BaseDirectory, .. parts]);

    private async Task<string[]> PythonOrSkipAsync()
    {
        const string Python = "/usr/bin/python3";
        Skip.IfNot(File.Exists(Python), "No Python on this machine.");
        await using (var import = new OtherProgram(Python, ["-c", "import grpc, google.protobuf"], input: ""))
            Skip.IfNot((await import.EndAsync(EchoHost.Patience)).Exit == 0, "No python3-grpcio on this machine: run tests/Grpc.Interop/run-all once.");

        var descriptors = Path.Combine(_folder, "descriptors");
        await File.WriteAllBytesAsync(descriptors, Descriptors.All.ToByteArray());
        return [Python, Installed("peers", "interop.py"), descriptors];
    }

    private static string[] NodeOrSkip()
    {
        for (var at = new DirectoryInfo(AppContext.BaseDirectory); at is not null; at = at.Parent)
        {
            var installed = Path.Combine(at.FullName, ".build", "grpc-interop");
            if (Directory.Exists(Path.Combine(installed, "node_modules", "@grpc", "grpc-js")))
            {
                File.Copy(Installed("peers", "interop.js"), Path.Combine(installed, "interop.js"), overwrite: true);
                return ["/usr/bin/env", "node", Path.Combine(installed, "interop.js"), Installed("Protos", "interop.proto")];
            }
        }

        Skip.If(true, "No @grpc/grpc-js on this machine: run tests/Grpc.Interop/run-all once.");
        return [];
    }
}
