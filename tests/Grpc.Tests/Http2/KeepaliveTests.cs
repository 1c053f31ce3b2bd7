using Grpc.Net.Client;
using Grpc.Tests.V1;

namespace Grpc.Tests.Http2;

/// <summary>Pings to find out whether the other side is still there: off unless asked for, as other servers punish who asks too often.</summary>
/// <remarks>What happens where they are on, tells <see cref="ServerLimitTests"/>; what a punished client's calls come to, <see cref="GoAwayTests"/>.</remarks>
public sealed class KeepaliveTests
{
    [Fact]
    public void A_channel_as_it_comes_never_asks()
    {
        using var handler = GrpcChannel.CreateHandler();

        Assert.Equal(Timeout.InfiniteTimeSpan, handler.KeepAlivePingDelay);
    }

    [Fact]
    public async Task Our_server_answers_a_client_that_asks_often_and_goes_on_serving_it()
    {
        await using var host = await EchoHost.StartAsync();
        using var connection = await RawConnection.ToAsync(host);

        for (var i = 0; i < 200; i++)
            await connection.FenceAsync();
        await connection.CallAsync(1, RawRequest.Say, RawConnection.Message("hello"));
        await connection.ReadUntilAsync(frame => frame.EndsStream);

        Assert.DoesNotContain(connection.Seen, frame => frame.Type == FrameType.GoAway);
    }

    [Fact]
    public async Task Our_client_answers_a_server_that_asks_often()
    {
        using var server = new RawServer();
        using var call = server.Client.SayAsync(new Note());
        using var connection = await server.AcceptAsync();
        var stream = await connection.TakeCallAsync();

        for (var i = 0; i < 200; i++)
            await connection.FenceAsync();
        await connection.AnswerAsync(stream, "still here");

        Assert.Equal("still here", (await call.ResponseAsync.WaitAsync(EchoHost.Patience)).Text);
    }
}
