using System.Runtime.CompilerServices;
using Grpc.Core;
using Grpc.Net.Client;
using Grpc.Net.Client.Calls;
using Grpc.Tests.V1;
using Grpc.Wire;

namespace Grpc.Tests;

/// <summary>The body of a call with one short request, and how such a call ends.</summary>
public sealed class BriefRequestTests
{
    private static readonly Marshaller<byte[]> Bytes = Marshallers.Create(message => message, message => message);
    private static readonly Method<byte[], byte[]> Method = new(MethodType.Unary, "any", "Any", Bytes, Bytes);

    [Fact]
    public async Task It_is_sent_again_just_as_it_was()
    {
        using var channel = GrpcChannel.ForAddress("http://localhost");
        using var content = Create(channel, [1, 2, 3], out _);

        var tries = new[] { await SendAsync(content), await SendAsync(content), await SendAsync(content) };

        Assert.All(tries, sent => Assert.Equal([0, 0, 0, 0, 3, 1, 2, 3], sent));
        Assert.Null(content.Headers.ContentLength);
    }

    [Fact]
    public async Task It_is_not_sent_again_once_its_bytes_may_be_anothers()
    {
        using var channel = GrpcChannel.ForAddress("http://localhost");
        using var content = Create(channel, [1, 2, 3], out var call);

        await SendAsync(content);
        call.Abort();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => SendAsync(content));
    }

    public static TheoryData<string> WaysToRead => ["bytes", "stream", "stream at once", "copy at once"];

    [Theory]
    [MemberData(nameof(WaysToRead))]
    public async Task It_can_be_read_by_a_handler_on_the_way_and_sent_after_that(string way)
    {
        using var channel = GrpcChannel.ForAddress("http://localhost");
        using var content = Create(channel, [7], out _);

        var read = new MemoryStream();
        switch (way)
        {
            case "bytes":
                read.Write(await content.ReadAsByteArrayAsync());
                break;
            case "stream":
                await (await content.ReadAsStreamAsync()).CopyToAsync(read);
                break;
            case "stream at once":
                content.ReadAsStream().CopyTo(read);
                break;
            default:
                content.CopyTo(read, context: null, CancellationToken.None);
                break;
        }

        Assert.Equal([0, 0, 0, 0, 1, 7], read.ToArray());
        Assert.Equal([0, 0, 0, 0, 1, 7], await SendAsync(content));
    }

    [Theory]
    [InlineData(16 * 1024 - MessageFrame.PrefixBytes, true)]
    [InlineData(16 * 1024 - MessageFrame.PrefixBytes + 1, false)]
    public async Task A_longer_request_does_not_hold_up_the_response(int bytes, bool isBrief)
    {
        using var channel = GrpcChannel.ForAddress("http://localhost");
        using var content = Create(channel, new byte[bytes], out _);

        Assert.Equal(isBrief, content is BriefRequestContent);
        Assert.Equal(bytes + MessageFrame.PrefixBytes, (await SendAsync(content)).Length);
        Assert.Equal(bytes + MessageFrame.PrefixBytes, (await SendAsync(content)).Length);
    }

    [Fact]
    public async Task A_failure_that_nobody_asks_for_is_nobodys_unobserved_exception()
    {
        const string Mark = "nobody asks for this failure";
        var unobserved = 0;
        TaskScheduler.UnobservedTaskException += Count;
        try
        {
            await using var host = await EchoHost.StartAsync();
            host.Service.OnSay = (_, _) => throw new RpcException(new Status(StatusCode.NotFound, Mark));
            for (var i = 0; i < 20; i++)
                await FailAsync(host.Client());

            GC.Collect();
            GC.WaitForPendingFinalizers();
            Assert.Equal(0, unobserved);
        }
        finally
        {
            TaskScheduler.UnobservedTaskException -= Count;
        }

        void Count(object? sender, UnobservedTaskExceptionEventArgs args)
        {
            if (args.Exception.ToString().Contains(Mark, StringComparison.Ordinal))
                Interlocked.Increment(ref unobserved);
        }
    }

    // Apart, so that nothing of the call is left on the stack.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static async Task FailAsync(Echo.EchoClient client)
    {
        var call = client.SayAsync(new Note());
        await Task.WhenAny(call.ResponseAsync).WaitAsync(EchoHost.Patience);
        Assert.Equal(StatusCode.NotFound, call.GetStatus().StatusCode);
    }

    private static HttpContent Create(GrpcChannel channel, byte[] request, out ICallContent call)
    {
        var content = BriefRequestContent.Create(new SingleResponseCall<byte[], byte[]>(channel, Method, host: null, default), request, Bytes);
        call = (ICallContent)content;
        return content;
    }

    private static async Task<byte[]> SendAsync(HttpContent content)
    {
        var sent = new MemoryStream();
        await content.CopyToAsync(sent);
        return sent.ToArray();
    }
}
