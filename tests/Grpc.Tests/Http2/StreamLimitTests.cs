using Grpc.Tests.V1;

namespace Grpc.Tests.Http2;

/// <summary>A client keeps to the number of streams that its server allows on a connection: it waits, or opens another one.</summary>
public sealed class StreamLimitTests
{
    private static readonly (short, int) OneStream = (3, 1); // SETTINGS_MAX_CONCURRENT_STREAMS

    [Fact]
    public async Task On_one_connection_a_call_waits_until_the_one_before_it_is_over()
    {
        using var handler = new SocketsHttpHandler { EnableMultipleHttp2Connections = false };
        using var server = new RawServer(new() { HttpHandler = handler });
        using var first = server.Client.SayAsync(new Note());
        using var connection = await server.AcceptAsync(OneStream);
        var stream = await connection.TakeCallAsync();
        await connection.FenceAsync();

        using var second = server.Client.SayAsync(new Note());
        await connection.FenceAsync();
        Assert.DoesNotContain(connection.Seen, frame => frame.Stream > stream);
        await connection.AnswerAsync(stream, "first");
        await connection.AnswerAsync(await connection.TakeCallAsync(), "second");

        Assert.Equal("first", (await first.ResponseAsync.WaitAsync(EchoHost.Patience)).Text);
        Assert.Equal("second", (await second.ResponseAsync.WaitAsync(EchoHost.Patience)).Text);
    }

    [Fact]
    public async Task A_channel_as_it_comes_opens_another_connection()
    {
        using var server = new RawServer();
        using var first = server.Client.SayAsync(new Note());
        using var connection = await server.AcceptAsync(OneStream);
        var stream = await connection.TakeCallAsync();
        await connection.FenceAsync();

        using var second = server.Client.SayAsync(new Note());
        using var another = await server.AcceptAsync(OneStream);
        await another.AnswerAsync(await another.TakeCallAsync(), "second");
        await connection.AnswerAsync(stream, "first");

        Assert.Equal("second", (await second.ResponseAsync.WaitAsync(EchoHost.Patience)).Text);
        Assert.Equal("first", (await first.ResponseAsync.WaitAsync(EchoHost.Patience)).Text);
    }
}
