using Grpc.Core;
using Grpc.Tests.V1;
using static Grpc.Tests.Http2.RawConnection;

namespace Grpc.Tests.Http2;

/// <summary>The frames of our server's answers, and the ways that requests may be cut into frames.</summary>
/// <remarks>Source: gRPC over HTTP/2, "Requests" and "Responses".</remarks>
public sealed class ResponseShapeTests
{
    private const string Say = "/grpctests.v1.Echo/Say";
    private const string Gather = "/grpctests.v1.Echo/Gather";
    private const string Chat = "/grpctests.v1.Echo/Chat";

    [Fact]
    public async Task A_success_is_headers_messages_and_then_the_status_in_trailers()
    {
        await using var host = await EchoHost.StartAsync();
        using var connection = await RawConnection.ToAsync(host);

        await connection.CallAsync(1, Say, Message("hello"));
        await connection.ReadUntilAsync(frame => frame.EndsStream);

        var (headers, trailers) = (connection.Seen.First(frame => frame.Type == FrameType.Headers), connection.Seen[^1]);
        Assert.False(Names(headers, "grpc-status"));
        Assert.Equal(Message("hello"), DataOf(connection, 1));
        Assert.Equal(FrameType.Headers, trailers.Type);
        Assert.True(Names(trailers, "grpc-status"));
    }

    [Fact]
    public async Task A_failure_before_any_message_is_one_frame_of_headers_that_ends_the_stream()
    {
        await using var host = await EchoHost.StartAsync();
        host.Service.OnSay = (_, _) => throw new RpcException(new Status(StatusCode.NotFound, "gone"), new Metadata { { "why", "no such note" } });
        using var connection = await RawConnection.ToAsync(host);

        await connection.CallAsync(1, Say, Message("hello"));
        var only = await connection.ReadUntilAsync(frame => frame.Stream == 1 && frame.Type != FrameType.WindowUpdate);

        Assert.Equal(FrameType.Headers, only.Type);
        Assert.True(only.EndsStream);
        Assert.All(["grpc-status", "grpc-message", "why", "content-type"], name => Assert.True(Names(only, name) || name == "content-type", name));
    }

    [Fact]
    public async Task No_headers_leave_before_the_first_message_so_that_a_failure_can_still_be_repeated()
    {
        await using var host = await EchoHost.StartAsync();
        var mayFail = new TaskCompletionSource();
        var started = new TaskCompletionSource();
        host.Service.OnRepeat = async (_, _, _) =>
        {
            started.SetResult();
            await mayFail.Task;
            throw new RpcException(new Status(StatusCode.Unavailable, "not now"));
        };
        using var connection = await RawConnection.ToAsync(host);

        await connection.CallAsync(1, "/grpctests.v1.Echo/Repeat", Message("hello"));
        await started.Task.WaitAsync(EchoHost.Patience);
        await connection.FenceAsync();
        Assert.DoesNotContain(connection.Seen, frame => frame.Type == FrameType.Headers);
        mayFail.SetResult();

        Assert.True((await connection.ReadUntilAsync(frame => frame.Type == FrameType.Headers)).EndsStream);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_request_may_end_with_its_last_data_or_with_an_empty_one_after_it(bool withLast)
    {
        await using var host = await EchoHost.StartAsync();
        using var connection = await RawConnection.ToAsync(host);

        await connection.CallAsync(1, Say, Message("hello"), ends: withLast);
        if (!withLast)
            await connection.SendAsync(Frame.Data(1, [], ends: true));
        await connection.ReadUntilAsync(frame => frame.EndsStream);

        Assert.Equal(Message("hello"), DataOf(connection, 1));
    }

    [Fact]
    public async Task A_request_that_ends_with_its_headers_is_an_empty_stream_and_no_single_message()
    {
        await using var host = await EchoHost.StartAsync();
        using var connection = await RawConnection.ToAsync(host);

        await connection.CallAsync(1, Chat, request: null);
        await connection.ReadUntilAsync(frame => frame.Stream == 1 && frame.EndsStream);
        await connection.CallAsync(3, Say, request: null);
        var refused = await connection.ReadUntilAsync(frame => frame.Stream == 3 && frame.Type == FrameType.Headers);

        Assert.Empty(DataOf(connection, 1));
        Assert.True(refused.EndsStream);
    }

    [Fact]
    public async Task Frames_and_messages_are_cut_independently()
    {
        await using var host = await EchoHost.StartAsync();
        byte[] two = [.. Message("to"), .. Message("gether")];
        using var connection = await RawConnection.ToAsync(host);

        // Two messages in one frame on the first stream; one byte a frame, with empty ones between, on the second.
        await connection.CallAsync(1, Gather, two);
        await connection.CallAsync(3, Gather, request: null, ends: false);
        foreach (var one in two)
            await connection.SendAsync(Frame.Data(3, [one]), Frame.Data(3, []));
        await connection.SendAsync(Frame.Data(3, [], ends: true));
        foreach (var stream in (int[])[1, 3])
            await UntilEndAsync(connection, stream);

        Assert.Equal(Message("together"), DataOf(connection, 1));
        Assert.Equal(Message("together"), DataOf(connection, 3));
    }

    [Fact]
    public async Task A_server_that_ends_early_says_its_status_and_then_that_it_wants_no_more()
    {
        await using var host = await EchoHost.StartAsync();
        host.Service.OnGather = (_, _) => throw new RpcException(new Status(StatusCode.PermissionDenied, "not you"));
        using var connection = await RawConnection.ToAsync(host);

        await connection.CallAsync(1, Gather, Message("hello"), ends: false);
        var status = await connection.ReadUntilAsync(frame => frame.EndsStream);
        var reset = await connection.ReadUntilAsync(frame => frame.Type == FrameType.RstStream);

        Assert.True(Names(status, "grpc-status"));
        Assert.Equal((1, 0), (reset.Stream, reset.NumberAt(0)));
    }

    [Fact]
    public async Task A_header_that_needs_a_continuation_is_one_header_nevertheless()
    {
        await using var host = await EchoHost.StartAsync();
        string? seen = null;
        host.Service.OnSay = (note, context) =>
        {
            seen = context.RequestHeaders.GetValue("long");
            return Task.FromResult(note);
        };
        var value = new string('x', 8_000);
        var block = HeaderBlock.Of(HeaderBlock.Call(Say, ("long", value)));
        using var connection = await RawConnection.ToAsync(host);

        await connection.SendAsync(
            new Frame(FrameType.Headers, 0, 1, block[..4_000]),
            new Frame(FrameType.Continuation, 0, 1, block[4_000..6_000]),
            new Frame(FrameType.Continuation, Frame.EndHeaders, 1, block[6_000..]),
            Frame.Data(1, Message("hello"), ends: true));
        await connection.ReadUntilAsync(frame => frame.EndsStream);

        Assert.Equal(value, seen);
    }

    private static async Task UntilEndAsync(RawConnection connection, int stream)
    {
        if (!connection.Seen.Any(frame => frame.Stream == stream && frame.EndsStream))
            await connection.ReadUntilAsync(frame => frame.Stream == stream && frame.EndsStream);
    }

    private static byte[] DataOf(RawConnection connection, int stream) =>
        [.. connection.Seen.Where(frame => frame.Type == FrameType.Data && frame.Stream == stream).SelectMany(frame => frame.Payload)];
}
