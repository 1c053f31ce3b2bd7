using Grpc.Interop;
using TestKit;

namespace Grpc.Tests.Interop;

/// <summary>Our interoperability client against our own server and grpc-go's.</summary>
public sealed class CaseTests
{
    public static TheoryData<string> Cases => [.. Names];

    internal static IReadOnlyList<string> Names
    {
        get
        {
            using var cases = new InteropCases("http://localhost");
            return [.. cases.All.Keys];
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task Our_client_is_content_with_our_server(string name)
    {
        await using var server = await InteropHost.StartForAsync(name);
        using var cases = new InteropCases($"http://127.0.0.1:{server.Port}");

        await cases.All[name]().WaitAsync(EchoHost.Patience);
    }

    [SkippableFact]
    public async Task Our_client_is_content_with_grpc_gos_server()
    {
        var port = UnusedPort.Take();
        await using var server = OtherClients.StartOrSkip("interop-server", "--port", $"{port}");
        await server.ListensAsync(port, EchoHost.Patience);
        using var cases = new InteropCases($"http://127.0.0.1:{port}");

        // It neither says that a request is wrongly compressed nor compresses on request, does not say who it is, has no CacheableUnaryCall
        // and carries any number of streams.
        foreach (var (name, run) in cases.All)
        {
            if (!name.Contains("_compressed_", StringComparison.Ordinal)
                && name is not ("pick_first_unary" or InteropCases.CacheableUnary or InteropCases.ConnectionScaling))
                await run().WaitAsync(EchoHost.Patience);
        }
    }
}
