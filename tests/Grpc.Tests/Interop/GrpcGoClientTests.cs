namespace Grpc.Tests.Interop;

/// <summary>Our server under grpc-go's own interoperability client.</summary>
public sealed class GrpcGoClientTests
{
    // Load reports reach its client by a policy that it keeps for these two cases.
    private const string LoadReportPolicy = """--service_config_json={"loadBalancingConfig":[{"test_backend_metrics_load_balancer":{}}]}""";

    [SkippableTheory]
    [InlineData("empty_unary")]
    [InlineData("large_unary")]
    [InlineData("client_streaming")]
    [InlineData("server_streaming")]
    [InlineData("ping_pong")]
    [InlineData("empty_stream")]
    [InlineData("timeout_on_sleeping_server")]
    [InlineData("cancel_after_begin")]
    [InlineData("cancel_after_first_response")]
    [InlineData("status_code_and_message")]
    [InlineData("special_status_message")]
    [InlineData("custom_metadata")]
    [InlineData("unimplemented_method")]
    [InlineData("unimplemented_service")]
    [InlineData("pick_first_unary")]
    [InlineData("orca_per_rpc", LoadReportPolicy)]
    [InlineData("orca_oob", LoadReportPolicy)]
    public async Task Grpc_go_is_content_with_our_server(string testCase, params string[] more)
    {
        await using var server = await InteropHost.StartAsync();

        await using var client = OtherClients.StartOrSkip(
            "interop-client", ["--server_host=127.0.0.1", $"--server_port={server.Port}", $"--test_case={testCase}", .. more]);
        var (exit, output) = await client.EndAsync(EchoHost.Patience);

        Assert.True(exit == 0, output);
    }
}
