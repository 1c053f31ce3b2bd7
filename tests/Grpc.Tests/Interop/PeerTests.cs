using Grpc.Interop;
using TestKit;

namespace Grpc.Tests.Interop;

/// <summary>Our client and server with two implementations that share no code with ours nor with each other.</summary>
public sealed class PeerTests
{
    private const int NotOffered = 3;

    [SkippableTheory]
    [InlineData("python", "orca_per_rpc", InteropCases.ConnectionScaling)]
    [InlineData("node", "client_compressed_streaming", InteropCases.ConnectionScaling)]
    public async Task Their_client_is_content_with_our_server(string peer, params string[] notOffered)
    {
        using var peers = new Peers();
        var command = await peers.CommandOrSkipAsync(peer);
        var exits = new Dictionary<string, int>();

        // Each case is a process here, so those that only repeat others many times are left to run-all.
        foreach (var name in CaseTests.Names.Where(name => !name.EndsWith("_soak", StringComparison.Ordinal) && name != "long_lived_channel"))
        {
            await using var server = await InteropHost.StartForAsync(name);
            await using var client = new OtherProgram(
                command[0], [.. command[1..], "client", "--host", "127.0.0.1", "--port", $"{server.Port}", "--case", name], input: "");
            var (exit, output) = await client.EndAsync(EchoHost.Patience);
            Assert.True(exit is 0 or NotOffered, $"{name}: {output}");
            exits[name] = exit;
        }

        Assert.Equal(notOffered.Order(), exits.Where(one => one.Value == NotOffered).Select(one => one.Key).Order());
    }

    [SkippableTheory]
    [InlineData("python", "client_compressed_")]
    [InlineData("node", "_compressed_")]
    public async Task Our_client_is_content_with_their_server(string peer, string notOffered)
    {
        using var peers = new Peers();
        var command = await peers.CommandOrSkipAsync(peer);
        var port = UnusedPort.Take();
        await using var server = new OtherProgram(command[0], [.. command[1..], "server", "--port", $"{port}"], input: "");
        await server.ListensAsync(port, EchoHost.Patience);
        using var cases = new InteropCases($"http://127.0.0.1:{port}");

        // The two cases that want something before the server come after the others.
        string[] staged = [InteropCases.CacheableUnary, InteropCases.ConnectionScaling];
        foreach (var (_, run) in cases.All.Where(one => !one.Key.Contains(notOffered, StringComparison.Ordinal) && !staged.Contains(one.Key)))
            await run().WaitAsync(EchoHost.Patience);

        await using var proxy = await InteropHost.StartProxyAsync(port);
        using var throughProxy = new InteropCases($"http://127.0.0.1:{proxy.Port}");
        await throughProxy.All[InteropCases.CacheableUnary]().WaitAsync(EchoHost.Patience);

        var scarcePort = UnusedPort.Take();
        await using var scarce = new OtherProgram(
            command[0], [.. command[1..], "server", "--port", $"{scarcePort}", "--streams", $"{InteropCases.ScarceStreams}"], input: "");
        await scarce.ListensAsync(scarcePort, EchoHost.Patience);
        using var withFewStreams = new InteropCases($"http://127.0.0.1:{scarcePort}");
        await withFewStreams.All[InteropCases.ConnectionScaling]().WaitAsync(EchoHost.Patience);
    }
}
