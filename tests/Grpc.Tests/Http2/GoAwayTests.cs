using Grpc.Core;
using Grpc.Tests.V1;

namespace Grpc.Tests.Http2;

/// <summary>What calls come to whose server takes leave of their connection, by HTTP/2's GOAWAY.</summary>
public sealed class GoAwayTests
{
    private const int NoError = 0;

    [Theory]
    [InlineData(NoError)]
    [InlineData(2)] // INTERNAL_ERROR
    [InlineData(11)] // ENHANCE_YOUR_CALM, as servers say to clients that ping too often
    public async Task A_call_that_the_server_took_and_hung_up_on_is_unavailable_whatever_the_reason(int reason)
    {
        using var server = new RawServer();
        using var call = server.Client.SayAsync(new Note());
        using (var connection = await server.AcceptAsync())
        {
            var stream = await connection.TakeCallAsync();
            await connection.SendAsync(Frame.GoAway(lastStream: stream, reason));
        }

        var failure = await Assert.ThrowsAsync<RpcException>(() => call.ResponseAsync.WaitAsync(EchoHost.Patience));
        Assert.True(failure.StatusCode == StatusCode.Unavailable, failure.ToString());
    }

    [Fact]
    public async Task A_call_up_to_the_last_stream_finishes_and_the_next_one_takes_a_new_connection()
    {
        using var server = new RawServer();
        using var running = server.Client.SayAsync(new Note());
        using var leaving = await server.AcceptAsync();
        var stream = await leaving.TakeCallAsync();

        await leaving.SendAsync(Frame.GoAway(lastStream: stream, NoError));
        await leaving.FenceAsync();
        using var next = server.Client.SayAsync(new Note());
        using var fresh = await server.AcceptAsync();
        await fresh.AnswerAsync(await fresh.TakeCallAsync(), "by the new one");
        await leaving.AnswerAsync(stream, "by the old one");

        Assert.Equal("by the old one", (await running.ResponseAsync.WaitAsync(EchoHost.Patience)).Text);
        Assert.Equal("by the new one", (await next.ResponseAsync.WaitAsync(EchoHost.Patience)).Text);
    }

    [Fact]
    public async Task A_call_above_the_last_stream_is_sent_again_elsewhere_while_the_one_below_finishes()
    {
        using var server = new RawServer();
        using var below = server.Client.SayAsync(new Note { Text = "below" });
        using var leaving = await server.AcceptAsync();
        var first = await leaving.TakeCallAsync();
        using var above = server.Client.SayAsync(new Note { Text = "above" });
        var second = await leaving.TakeCallAsync();
        await leaving.ReadUntilAsync(frame => frame.Stream == second && frame.EndsStream);

        await leaving.SendAsync(Frame.GoAway(lastStream: first, NoError));
        using var fresh = await server.AcceptAsync();
        await fresh.AnswerAsync(await fresh.TakeCallAsync(), "by the new one");
        await leaving.AnswerAsync(first, "by the old one");

        Assert.Equal("by the new one", (await above.ResponseAsync.WaitAsync(EchoHost.Patience)).Text);
        Assert.Equal("by the old one", (await below.ResponseAsync.WaitAsync(EchoHost.Patience)).Text);
    }

    [Fact]
    public async Task A_stream_of_requests_above_the_last_stream_is_unavailable_as_what_left_cannot_be_sent_again()
    {
        using var server = new RawServer();
        using var below = server.Client.SayAsync(new Note());
        using var leaving = await server.AcceptAsync();
        var first = await leaving.TakeCallAsync();
        using var above = server.Client.Gather();
        await above.RequestStream.WriteAsync(new Note { Text = "gone" }).WaitAsync(EchoHost.Patience);
        var second = await leaving.TakeCallAsync();
        await leaving.ReadUntilAsync(frame => frame.Stream == second && frame.Type == FrameType.Data && frame.Payload.Length > 0);

        await leaving.SendAsync(Frame.GoAway(lastStream: first, NoError));
        await leaving.AnswerAsync(first, "by the old one");

        var failure = await Assert.ThrowsAsync<RpcException>(() => above.ResponseAsync.WaitAsync(EchoHost.Patience));
        Assert.True(failure.StatusCode == StatusCode.Unavailable, failure.ToString());
        Assert.Equal("by the old one", (await below.ResponseAsync.WaitAsync(EchoHost.Patience)).Text);
    }
}
