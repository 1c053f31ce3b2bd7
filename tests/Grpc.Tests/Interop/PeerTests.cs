using Grpc.Interop;

namespace Grpc.Tests.Interop;

/// <summary>Our client and server with two implementations that share no code with ours nor with each other.</summary>
public sealed class PeerTests
{
    private const int NotOffered = 3;

    [SkippableTheory]
    [InlineData("python", 0)]
    [InlineData("node", 1)]
    public async Task Their_client_is_content_with_our_server(string peer, int notOffered)
    {
        using var peers = new Peers();
        var command = await peers.CommandOrSkipAsync(peer);
        await using var server = await InteropHost.StartAsync();
        var exits = new Dictionary<string, int>();

        // Each case is a process here, so those that only repeat others many times are left to run-all.
        foreach (var name in CaseTests.Names.Where(name => !name.EndsWith("_soak", StringComparison.Ordinal)))
        {
            await using var client = new OtherProgram(
                command[0], [.. command[1..], "client", "--host", "127.0.0.1", "--port", $"{server.Port}", "--case", name], input: "");
            var (exit, output) = await client.EndAsync(EchoHost.Patience);
            Assert.True(exit is 0 or NotOffered, $"{name}: {output}");
            exits[name] = exit;
        }

        Assert.Equal(notOffered, exits.Values.Count(exit => exit == NotOffered));
    }

    [SkippableTheory]
    [InlineData("python", "client_compressed_")]
    [InlineData("node", "_compressed_")]
    public async Task Our_client_is_content_with_their_server(string peer, string notOffered)
    {
        using var peers = new Peers();
        var command = await peers.CommandOrSkipAsync(peer);
        var port = InteropHost.FreePort();
        await using var server = new OtherProgram(command[0], [.. command[1..], "server", "--port", $"{port}"], input: "");
        await server.ListensAsync(port, EchoHost.Patience);
        using var cases = new InteropCases($"http://127.0.0.1:{port}");

        foreach (var (_, run) in cases.All.Where(one => !one.Key.Contains(notOffered, StringComparison.Ordinal)))
            await run().WaitAsync(EchoHost.Patience);
    }
}
