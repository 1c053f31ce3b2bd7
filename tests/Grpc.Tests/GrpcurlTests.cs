using Grpc.Core;

namespace Grpc.Tests;

/// <summary>Our server under a client that nobody here wrote: grpcurl, which is grpc-go.</summary>
public sealed class GrpcurlTests
{
    [SkippableFact]
    public async Task Grpcurl_gets_a_unary_answer()
    {
        await using var host = await EchoHost.StartAsync();

        var (exit, output) = await GrpcurlAsync(host, "Say", """{"text":"grüße","number":7}""");

        Assert.True(exit == 0, output);
        Assert.Contains("\"grüße\"", output, StringComparison.Ordinal);
        Assert.Contains("\"number\": 7", output, StringComparison.Ordinal);
    }

    [SkippableFact]
    public async Task Grpcurl_sends_and_gets_streams()
    {
        await using var host = await EchoHost.StartAsync();
        const string Three = """{"number":1}{"number":20}{"number":300}""";

        var gathered = await GrpcurlAsync(host, "Gather", Three);
        var repeated = await GrpcurlAsync(host, "Repeat", """{"text":"again","number":4}""");
        var chatted = await GrpcurlAsync(host, "Chat", Three);

        Assert.Contains("\"number\": 321", gathered.Output, StringComparison.Ordinal);
        Assert.Equal(4, repeated.Output.Split("\"again\"").Length - 1);
        Assert.Equal(3, chatted.Output.Split("\"number\"").Length - 1);
    }

    [SkippableFact]
    public async Task Grpcurl_sees_status_detail_headers_and_trailers()
    {
        await using var host = await EchoHost.StartAsync();
        host.Service.OnSay = async (_, context) =>
        {
            await context.WriteResponseHeadersAsync(new Metadata { { "early", "bird" } });
            context.ResponseTrailers.Add("late-bin", [0, 255]);
            throw new RpcException(new Status(StatusCode.FailedPrecondition, "not yet: 50% € 🙂"));
        };

        var (exit, output) = await GrpcurlAsync(host, "Say", "{}");

        Assert.Equal(64 + (int)StatusCode.FailedPrecondition, exit);
        Assert.Contains("FailedPrecondition", output, StringComparison.Ordinal);
        Assert.Contains("not yet: 50% € 🙂", output, StringComparison.Ordinal);
        Assert.Contains("early: bird", output, StringComparison.Ordinal);
        Assert.Contains("late-bin: AP8=", output, StringComparison.Ordinal);
    }

    [SkippableFact]
    public async Task Grpcurl_gets_deadline_exceeded_from_a_handler_that_hangs()
    {
        await using var host = await EchoHost.StartAsync();
        var cancelled = new TaskCompletionSource();
        host.Service.OnSay = async (_, context) =>
        {
            using var told = context.CancellationToken.Register(cancelled.SetResult);
            await cancelled.Task;
            throw new OperationCanceledException();
        };

        var (exit, output) = await GrpcurlAsync(host, "Say", "{}", "-max-time", "4");

        Assert.True(exit == 64 + (int)StatusCode.DeadlineExceeded, output);
        await cancelled.Task.WaitAsync(EchoHost.Patience);
    }

    private static async Task<(int Exit, string Output)> GrpcurlAsync(EchoHost host, string method, string requests, params string[] flags)
    {
        string[] arguments =
            ["grpcurl", "-plaintext", "-v", .. flags, "-import-path", OtherClients.ProtoFolder, "-proto", "echo.proto",
             "-d", "@", new Uri(host.Address).Authority, $"grpctests.v1.Echo/{method}"];
        await using var grpcurl = new OtherProgram(OtherClients.RunOrSkip(), arguments, requests);
        return await grpcurl.EndAsync(EchoHost.Patience);
    }
}
