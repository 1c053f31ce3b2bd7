using Google.Protobuf;
using Grpc.Core;
using Grpc.Net.Client;
using Grpc.Tests.V1;

namespace Grpc.Tests;

public sealed class LimitTests
{
    private const int MiB = 1024 * 1024;

    [Theory]
    [InlineData(1)]
    [InlineData(16_379)]
    [InlineData(16_384)]
    [InlineData(65_536)]
    [InlineData((4 * MiB) - 16)]
    public async Task Messages_up_to_the_limit_go_both_ways_whole(int bytes)
    {
        await using var host = await EchoHost.StartAsync();
        var note = Large(bytes);

        var answer = await host.Client().SayAsync(note);

        Assert.Equal(note, answer);
    }

    [Fact]
    public async Task Large_messages_stream_both_ways()
    {
        await using var host = await EchoHost.StartAsync();
        using var call = host.Client().Chat();
        var sizes = new[] { 0, 3 * MiB, 1, 100_000, 2 * MiB, 5 };

        var writing = Task.Run(async () =>
        {
            foreach (var size in sizes)
                await call.RequestStream.WriteAsync(Large(size));
            await call.RequestStream.CompleteAsync();
        });
        var heard = await call.ResponseStream.ReadAllAsync().Select(note => note.Payload.Length).ToListAsync();
        await writing;

        Assert.Equal(sizes, heard);
    }

    [Fact]
    public async Task A_request_over_the_servers_limit_is_refused_and_the_next_one_is_not()
    {
        await using var host = await EchoHost.StartAsync();
        var client = host.Client();

        var failure = await Assert.ThrowsAsync<RpcException>(async () => await client.SayAsync(Large((4 * MiB) + 1)));
        var answer = await client.SayAsync(new Note { Number = 1 });

        Assert.Equal(StatusCode.ResourceExhausted, failure.StatusCode);
        Assert.Equal(1, answer.Number);
    }

    [Fact]
    public async Task A_response_over_the_clients_limit_is_refused_and_the_next_one_is_not()
    {
        await using var host = await EchoHost.StartAsync();
        host.Service.OnRepeat = (note, notes, _) => notes.WriteAsync(Large(note.Number));
        var client = host.Client(new GrpcChannelOptions { MaxReceiveMessageSize = 1000 });
        using var small = client.Repeat(new Note { Number = 900 });
        using var large = client.Repeat(new Note { Number = 1000 });

        var failure = await Assert.ThrowsAsync<RpcException>(() => large.ResponseStream.MoveNext());

        Assert.Equal(StatusCode.ResourceExhausted, failure.StatusCode);
        Assert.True(await small.ResponseStream.MoveNext());
    }

    [Fact]
    public async Task A_client_does_not_send_what_is_over_its_own_limit()
    {
        await using var host = await EchoHost.StartAsync();
        var client = host.Client(new GrpcChannelOptions { MaxSendMessageSize = 100 });
        using var gather = client.Gather();

        var unary = await Assert.ThrowsAsync<RpcException>(async () => await client.SayAsync(Large(100)));
        var stream = await Assert.ThrowsAsync<RpcException>(() => gather.RequestStream.WriteAsync(Large(100)));
        await gather.RequestStream.WriteAsync(new Note { Number = 5 });
        await gather.RequestStream.CompleteAsync();

        Assert.Equal((StatusCode.ResourceExhausted, StatusCode.ResourceExhausted), (unary.StatusCode, stream.StatusCode));
        Assert.Equal(5, (await gather).Number);
    }

    [Fact]
    public async Task A_server_does_not_send_what_is_over_its_own_limit()
    {
        await using var host = await EchoHost.StartAsync(options => options.MaxSendMessageSize = 100);
        host.Service.OnSay = (_, _) => Task.FromResult(Large(100));

        var failure = await Assert.ThrowsAsync<RpcException>(async () => await host.Client().SayAsync(new Note()));

        Assert.Equal(StatusCode.ResourceExhausted, failure.StatusCode);
    }

    [Fact]
    public async Task Without_limits_a_message_may_be_larger_than_kestrel_lets_a_body_be()
    {
        await using var host = await EchoHost.StartAsync(options => options.MaxReceiveMessageSize = null);
        var client = host.Client(new GrpcChannelOptions { MaxReceiveMessageSize = null });
        var note = Large(40 * MiB);

        var answer = await client.SayAsync(note);

        Assert.Equal(note.Payload.Length, answer.Payload.Length);
    }

    [Fact]
    public async Task A_stream_may_be_longer_than_kestrel_lets_a_body_be()
    {
        await using var host = await EchoHost.StartAsync();
        using var call = host.Client().Gather();
        var note = Large(3 * MiB);
        note.Number = 1;

        for (var i = 0; i < 12; i++)
            await call.RequestStream.WriteAsync(note);
        await call.RequestStream.CompleteAsync();

        Assert.Equal(12, (await call).Number);
    }

    private static Note Large(int bytes)
    {
        var payload = new byte[bytes];
        new Random(bytes).NextBytes(payload);
        return new Note { Payload = UnsafeByteOperations.UnsafeWrap(payload) };
    }
}
