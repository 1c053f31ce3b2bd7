using System.Diagnostics;
using System.Text.Json;
using TestKit;

namespace EndToEnd;

/// <summary>A running system before gRPC tools that nobody here wrote, and that were told nothing of its services.</summary>
public sealed class OtherGrpcClientsTests
{
    [SkippableFact]
    public async Task Grpcurl_lists_and_calls_the_gateway_and_the_monitor_and_ghz_loads_them()
    {
        var tools = OtherGrpcClients.RunOrSkip();
        await using var system = new LiveSystem();
        await system.UpAsync("--no-samples");
        var gateway = $"127.0.0.1:{7070 + system.PortOffset}";
        var monitor = $"127.0.0.1:{7071 + system.PortOffset}";

        Assert.Contains("streams.v1.Ingest", await GrpcurlAsync(tools, gateway, "list"), StringComparison.Ordinal);
        Assert.Contains("streams.v1.LogQueries", await GrpcurlAsync(tools, monitor, "list"), StringComparison.Ordinal);
        Assert.Contains("rpc GetNode (", await GrpcurlAsync(tools, monitor, "describe", "streams.v1.NodeQueries"), StringComparison.Ordinal);
        Assert.Contains("\"SERVING\"", await GrpcurlAsync(tools, gateway, "grpc.health.v1.Health/Check"), StringComparison.Ordinal);

        var shipped = await GrpcurlAsync(
            tools, gateway, "-d",
            """{"hello":{"node_id":"curl","epoch":1}}{"batch":{"first_sequence":1,"records":[{"message":"written by hand","severity":"SEVERITY_WARN"}]}}""",
            "streams.v1.Ingest/ShipLogs");
        Assert.Contains("\"through_sequence\": \"1\"", shipped, StringComparison.Ordinal);
        await system.StoresAsync("written by hand");

        await Eventually.HoldsAsync(async () => (await system.NodesAsync()).Count == 1, "the agent's node was known", () => $"{system.LatestUp}");
        var node = (await system.NodesAsync()).Single().NodeId;
        Assert.Contains($"\"node_id\": \"{node}\"", await GrpcurlAsync(tools, monitor, "-d", $$"""{"node_id":"{{node}}"}""", "streams.v1.NodeQueries/GetNode"), StringComparison.Ordinal);

        Assert.Equal(2_000, await AnsweredAsync(tools, monitor, "streams.v1.NodeQueries.GetNode", $$"""{"node_id":"{{node}}"}"""));
        Assert.Equal(2_000, await AnsweredAsync(tools, gateway, "grpc.health.v1.Health.Check", "{}"));
    }

    private static async Task<string> GrpcurlAsync(string tools, string address, params string[] question)
    {
        // Flags, address, then what to do.
        var flags = question.Length > 2 ? question[..^1] : [];
        var (exitCode, said) = await RunAsync(tools, ["grpcurl", "-plaintext", "-max-time", "60", .. flags, address, .. question[flags.Length..]]);
        Assert.True(exitCode == 0, said);
        return said;
    }

    /// <summary>How many of 2,000 calls by 20 callers ended with OK.</summary>
    private static async Task<int> AnsweredAsync(string tools, string address, string method, string data)
    {
        var (exitCode, said) = await RunAsync(tools, ["ghz", "--insecure", "-n", "2000", "-c", "20", "-O", "json", "--call", method, "-d", data, address]);
        Assert.True(exitCode == 0, said);
        return JsonDocument.Parse(said).RootElement.GetProperty("statusCodeDistribution").GetProperty("OK").GetInt32();
    }

    private static async Task<(int ExitCode, string Said)> RunAsync(string program, IEnumerable<string> arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var output = process.StandardOutput.ReadToEndAsync();
        var errors = process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync().WaitAsync(TimeSpan.FromMinutes(2));
        return (process.ExitCode, await output + await errors);
    }
}
