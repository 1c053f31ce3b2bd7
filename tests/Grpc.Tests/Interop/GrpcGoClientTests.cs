namespace Grpc.Tests.Interop;

/// <summary>Our server under grpc-go's own interoperability client.</summary>
public sealed class GrpcGoClientTests
{
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
    public async Task Grpc_go_is_content_with_our_server(string testCase)
    {
        await using var server = await InteropHost.StartAsync();

        await using var client = OtherClients.StartOrSkip(
            "interop-client", "--server_host=127.0.0.1", $"--server_port={server.Port}", $"--test_case={testCase}");
        var (exit, output) = await client.EndAsync(EchoHost.Patience);

        Assert.True(exit == 0, output);
    }
}
