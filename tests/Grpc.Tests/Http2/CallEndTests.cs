using Grpc.Core;
using Grpc.Tests.V1;
using static Grpc.Tests.Http2.RawConnection;

namespace Grpc.Tests.Http2;

/// <summary>How our client ends its side of a call, and what it makes of a server that ends early.</summary>
public sealed class CallEndTests
{
    private const int Cancel = 8;

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Giving_a_call_up_resets_its_stream_with_CANCEL(bool afterHeaders)
    {
        using var server = new RawServer();
        using var cancellation = new CancellationTokenSource();
        using var call = server.Client.Chat(cancellationToken: cancellation.Token);
        using var connection = await server.AcceptAsync();
        var stream = await connection.TakeCallAsync();
        if (afterHeaders)
        {
            await connection.SendAsync(Begin(stream), Frame.Data(stream, Message("one")));
            Assert.True(await call.ResponseStream.MoveNext());
        }

        await cancellation.CancelAsync();

        var reset = await connection.ReadUntilAsync(frame => frame.Type == FrameType.RstStream);
        Assert.Equal((stream, Cancel), (reset.Stream, reset.NumberAt(0)));
        Assert.DoesNotContain(connection.Seen, frame => frame.EndsStream);
    }

    [Fact]
    public async Task A_deadline_fails_the_call_here_and_resets_its_stream_there()
    {
        using var server = new RawServer();
        using var call = server.Client.SayAsync(new Note(), deadline: DateTime.UtcNow.AddMilliseconds(500));
        using var connection = await server.AcceptAsync();
        var stream = await connection.TakeCallAsync();

        var reset = await connection.ReadUntilAsync(frame => frame.Type == FrameType.RstStream);
        var failure = await Assert.ThrowsAsync<RpcException>(() => call.ResponseAsync.WaitAsync(EchoHost.Patience));

        Assert.Equal((stream, Cancel), (reset.Stream, reset.NumberAt(0)));
        Assert.Equal(StatusCode.DeadlineExceeded, failure.StatusCode);
    }

    [Fact]
    public async Task A_call_without_requests_yet_is_there_for_a_server_that_speaks_first()
    {
        using var server = new RawServer();
        using var call = server.Client.Chat();
        using var connection = await server.AcceptAsync();

        var stream = await connection.TakeCallAsync();
        await connection.SendAsync(Begin(stream), Frame.Data(stream, Message("first")));

        Assert.True(await call.ResponseStream.MoveNext().WaitAsync(EchoHost.Patience));
        Assert.DoesNotContain(connection.Seen, frame => frame.Type == FrameType.Data);
    }

    [Fact]
    public async Task Half_a_close_leaves_the_other_half_open()
    {
        using var server = new RawServer();
        using var call = server.Client.Chat();
        using var connection = await server.AcceptAsync();
        var stream = await connection.TakeCallAsync();

        await call.RequestStream.CompleteAsync();
        await connection.ReadUntilAsync(frame => frame.EndsStream);
        await connection.AnswerAsync(stream, "late");

        Assert.True(await call.ResponseStream.MoveNext().WaitAsync(EchoHost.Patience));
        Assert.Equal("late", call.ResponseStream.Current.Text);
        Assert.False(await call.ResponseStream.MoveNext().WaitAsync(EchoHost.Patience));
    }

    [Fact]
    public async Task What_was_completed_is_not_overtaken_by_what_is_disposed()
    {
        using var server = new RawServer();
        var call = server.Client.Gather();
        using var connection = await server.AcceptAsync();
        await connection.TakeCallAsync();
        await call.RequestStream.WriteAsync(new Note { Text = "whole" });

        await call.RequestStream.CompleteAsync();
        call.Dispose();

        var end = await connection.ReadUntilAsync(frame => frame.EndsStream || frame.Type == FrameType.RstStream);
        Assert.Equal(FrameType.Data, end.Type);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_server_that_ends_early_and_wants_no_more_is_believed(bool failed)
    {
        using var server = new RawServer();
        using var call = server.Client.Gather();
        using var connection = await server.AcceptAsync();
        var stream = await connection.TakeCallAsync();
        await call.RequestStream.WriteAsync(new Note());

        if (failed)
            await connection.SendAsync(Frame.Headers(stream, ends: true, (":status", "200"), ("content-type", "application/grpc"), ("grpc-status", "7")));
        else
            await connection.AnswerAsync(stream, "enough");
        await connection.SendAsync(Frame.Reset(stream, 0));

        if (failed)
            Assert.Equal(StatusCode.PermissionDenied, (await Assert.ThrowsAsync<RpcException>(() => call.ResponseAsync.WaitAsync(EchoHost.Patience))).StatusCode);
        else
            Assert.Equal("enough", (await call.ResponseAsync.WaitAsync(EchoHost.Patience)).Text);
        await connection.FenceAsync();
    }
}
