using Grpc.Core;
using Grpc.Tests.V1;
using static Grpc.Tests.Http2.RawConnection;

namespace Grpc.Tests.Http2;

/// <summary>What a call comes to whose server resets its stream, by the reason that it gives.</summary>
/// <remarks>Source: gRPC over HTTP/2, "HTTP2 Transport Mapping, Errors". A refused stream is a story of its own: <see cref="RefusedStreamTests"/>.</remarks>
public sealed class ResetStreamTests
{
    public static TheoryData<int, StatusCode> Reasons => new()
    {
        { 0, StatusCode.Internal }, // NO_ERROR
        { 1, StatusCode.Internal }, // PROTOCOL_ERROR
        { 2, StatusCode.Internal }, // INTERNAL_ERROR
        { 3, StatusCode.Internal }, // FLOW_CONTROL_ERROR
        { 4, StatusCode.Internal }, // SETTINGS_TIMEOUT
        { 5, StatusCode.Internal }, // STREAM_CLOSED
        { 6, StatusCode.Internal }, // FRAME_SIZE_ERROR
        { 7, StatusCode.Unavailable }, // REFUSED_STREAM
        { 8, StatusCode.Cancelled }, // CANCEL
        { 9, StatusCode.Internal }, // COMPRESSION_ERROR
        { 10, StatusCode.Internal }, // CONNECT_ERROR
        { 11, StatusCode.ResourceExhausted }, // ENHANCE_YOUR_CALM
        { 12, StatusCode.PermissionDenied }, // INADEQUATE_SECURITY
        { 13, StatusCode.Internal }, // HTTP_1_1_REQUIRED
        { 99, StatusCode.Internal }, // none that is known
    };

    [Theory]
    [MemberData(nameof(Reasons))]
    public async Task After_the_responses_headers_the_reason_is_the_status(int reason, StatusCode expected)
    {
        using var server = new RawServer();
        using var call = server.Client.Repeat(new Note());
        using var connection = await server.AcceptAsync();
        var stream = await connection.TakeCallAsync();
        await connection.SendAsync(Begin(stream), Frame.Data(stream, Message("one")));
        Assert.True(await call.ResponseStream.MoveNext());

        await connection.SendAsync(Frame.Reset(stream, reason));

        var failure = await Assert.ThrowsAsync<RpcException>(() => call.ResponseStream.MoveNext().WaitAsync(EchoHost.Patience));
        Assert.Equal(expected, failure.StatusCode);
    }

    [Theory]
    [MemberData(nameof(Reasons))]
    public async Task Before_them_too_unless_it_says_that_nothing_was_done(int reason, StatusCode expected)
    {
        if (reason == 7)
            return; // REFUSED_STREAM: see RefusedStreamTests.

        using var server = new RawServer();
        using var call = server.Client.SayAsync(new Note());
        using var connection = await server.AcceptAsync();
        var stream = await connection.TakeCallAsync();

        await connection.SendAsync(Frame.Reset(stream, reason));

        var failure = await Assert.ThrowsAsync<RpcException>(() => call.ResponseAsync.WaitAsync(EchoHost.Patience));
        Assert.Equal(expected, failure.StatusCode);
    }
}
