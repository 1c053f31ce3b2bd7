using Grpc.Core;
using Grpc.Tests.V1;

namespace Grpc.Tests.Http2;

/// <summary>A server that refuses a stream has not looked at it. What can be sent again is; what cannot is UNAVAILABLE, and never half sent.</summary>
public sealed class RefusedStreamTests
{
    private const int RefusedStream = 7;

    [Fact]
    public async Task A_single_request_is_sent_again_whole()
    {
        using var server = new RawServer();
        using var call = server.Client.SayAsync(new Note { Text = "hello" });
        using var connection = await server.AcceptAsync();
        var first = await connection.TakeCallAsync();
        await connection.SendAsync(Frame.Reset(first, RefusedStream));

        var second = await connection.TakeCallAsync();
        await connection.ReadUntilAsync(frame => frame.Stream == second && frame.EndsStream);
        await connection.AnswerAsync(second, "heard");

        Assert.Equal("heard", (await call.ResponseAsync.WaitAsync(EchoHost.Patience)).Text);
        Assert.Equal(RawConnection.Message("hello"), RequestOf(connection, second));
    }

    [Fact]
    public async Task A_stream_of_requests_whose_first_is_gone_is_unavailable_and_nothing_of_it_is_sent_again()
    {
        using var server = new RawServer();
        using var call = server.Client.Gather();
        var writing = call.RequestStream.WriteAsync(new Note { Text = "gone" });
        using var connection = await server.AcceptAsync();
        var first = await connection.TakeCallAsync();
        await connection.ReadUntilAsync(frame => frame.Type == FrameType.Data && frame.Payload.Length > 0);
        await writing.WaitAsync(EchoHost.Patience);

        await connection.SendAsync(Frame.Reset(first, RefusedStream));

        var failure = await Assert.ThrowsAsync<RpcException>(() => call.ResponseAsync.WaitAsync(EchoHost.Patience));
        Assert.Equal(StatusCode.Unavailable, failure.StatusCode);
        var later = await Assert.ThrowsAsync<RpcException>(() => call.RequestStream.WriteAsync(new Note { Text = "more" }).WaitAsync(EchoHost.Patience));
        Assert.Equal(StatusCode.Unavailable, later.StatusCode);
        await connection.FenceAsync();
        Assert.Empty(connection.Seen.Where(frame => frame.Type == FrameType.Data && frame.Stream != first && frame.Payload.Length > 0));
    }

    [Fact]
    public async Task With_a_policy_that_repeats_unavailable_calls_a_stream_of_requests_is_sent_again_whole()
    {
        var policy = new Grpc.Net.Client.Configuration.RetryPolicy
        {
            MaxAttempts = 3,
            InitialBackoff = TimeSpan.FromMilliseconds(1),
            MaxBackoff = TimeSpan.FromMilliseconds(1),
            BackoffMultiplier = 1,
            RetryableStatusCodes = { StatusCode.Unavailable },
        };
        using var server = new RawServer(new()
        {
            ServiceConfig = new() { MethodConfigs = { new() { Names = { Grpc.Net.Client.Configuration.MethodName.Default }, RetryPolicy = policy } } },
        });
        using var call = server.Client.Gather();
        var writing = call.RequestStream.WriteAsync(new Note { Text = "first" });
        using var connection = await server.AcceptAsync();
        var refused = await connection.TakeCallAsync();
        await connection.ReadUntilAsync(frame => frame.Type == FrameType.Data && frame.Payload.Length > 0);
        await connection.SendAsync(Frame.Reset(refused, RefusedStream));
        await writing.WaitAsync(EchoHost.Patience);
        await call.RequestStream.WriteAsync(new Note { Text = "second" }).WaitAsync(EchoHost.Patience);
        await call.RequestStream.CompleteAsync();

        var whole = await connection.ReadUntilAsync(frame => frame.Stream != refused && frame.EndsStream);
        await connection.AnswerAsync(whole.Stream, "heard");

        Assert.Equal("heard", (await call.ResponseAsync.WaitAsync(EchoHost.Patience)).Text);
        Assert.Equal([.. RawConnection.Message("first"), .. RawConnection.Message("second")], RequestOf(connection, whole.Stream));
    }

    private static byte[] RequestOf(RawConnection connection, int stream) =>
        [.. connection.Seen.Where(frame => frame.Type == FrameType.Data && frame.Stream == stream).SelectMany(frame => frame.Payload)];
}
