using Google.Protobuf;
using Grpc.Core;
using Grpc.Tests.V1;

namespace Grpc.Tests.Http2;

/// <summary>Who does not read, is not written to: nothing piles up beyond HTTP/2's windows, on either side.</summary>
public sealed class FlowControlTests
{
    private const int FirstWindow = 65_535; // what HTTP/2 grants before anyone has spoken
    private const int KestrelWindow = 768 * 1024;
    private const int FrameBytes = 16_384;

    // With its prefix, its field's tag and its length it fills one frame.
    private static readonly Note FrameFull = new() { Payload = ByteString.CopyFrom(new byte[FrameBytes - 8]) };

    [Fact]
    public async Task A_client_writes_no_more_than_its_server_grants_and_its_caller_waits()
    {
        using var server = new RawServer();
        using var call = server.Client.Gather();
        using var connection = await server.AcceptAsync();
        var stream = await connection.TakeCallAsync();
        var written = 0;
        var writing = Task.Run(async () =>
        {
            for (; written < 1_000; Interlocked.Increment(ref written))
                await call.RequestStream.WriteAsync(FrameFull);
        });

        await connection.ReadUntilAsync(_ => BytesSeen(connection) >= FirstWindow);
        await connection.FenceAsync();
        Assert.Equal(FirstWindow, BytesSeen(connection));
        Assert.InRange(Volatile.Read(ref written), 0, 20);
        await connection.SendAsync(Frame.WindowUpdate(0, FirstWindow), Frame.WindowUpdate(stream, FirstWindow));
        await connection.ReadUntilAsync(_ => BytesSeen(connection) >= 2 * FirstWindow);
        await connection.FenceAsync();
        Assert.Equal(2 * FirstWindow, BytesSeen(connection));

        call.Dispose();
        await Assert.ThrowsAnyAsync<Exception>(() => writing.WaitAsync(EchoHost.Patience));
    }

    [Fact]
    public async Task A_server_grants_no_more_than_a_window_to_a_stream_whose_handler_does_not_read()
    {
        await using var host = await EchoHost.StartAsync();
        var (started, mayRead) = (new TaskCompletionSource(), new TaskCompletionSource());
        host.Service.OnGather = async (requests, _) =>
        {
            started.SetResult();
            await mayRead.Task;
            return new Note { Number = await requests.ReadAllAsync().CountAsync() };
        };
        byte[] message = [0, .. Length(FrameFull.CalculateSize()), .. FrameFull.ToByteArray()];
        Assert.Equal(FrameBytes, message.Length);
        using var connection = await RawConnection.ToAsync(host);
        await connection.CallAsync(1, "/grpctests.v1.Echo/Gather", request: null, ends: false);
        await started.Task.WaitAsync(EchoHost.Patience);

        for (var sent = 0; sent < KestrelWindow; sent += FrameBytes)
            await connection.SendAsync(Frame.Data(1, message));
        await connection.FenceAsync();
        Assert.DoesNotContain(connection.Seen, frame => frame is { Type: FrameType.WindowUpdate, Stream: 1 });
        mayRead.SetResult();
        await connection.ReadUntilAsync(frame => frame is { Type: FrameType.WindowUpdate, Stream: 1 });
        await connection.SendAsync(Frame.Data(1, message, ends: true));

        Assert.Equal(FrameType.Headers, (await connection.ReadUntilAsync(frame => frame.EndsStream)).Type);
        var answer = connection.Seen.Single(frame => frame.Type == FrameType.Data).Payload;
        Assert.Equal((KestrelWindow / FrameBytes) + 1, Note.Parser.ParseFrom(answer.AsSpan(5)).Number);
    }

    [Fact]
    public async Task A_server_writes_no_more_than_its_client_grants_and_its_handler_waits()
    {
        await using var host = await EchoHost.StartAsync();
        var written = 0;
        var ended = new TaskCompletionSource();
        host.Service.OnRepeat = async (_, notes, _) =>
        {
            try
            {
                for (; written < 1_000; Interlocked.Increment(ref written))
                    await notes.WriteAsync(FrameFull);
            }
            finally
            {
                ended.SetResult();
            }
        };
        using var connection = await RawConnection.ToAsync(host);
        await connection.CallAsync(1, "/grpctests.v1.Echo/Repeat", RawConnection.Message("go on"));

        await connection.ReadUntilAsync(_ => BytesSeen(connection) >= FirstWindow);
        await connection.FenceAsync();
        Assert.Equal(FirstWindow, BytesSeen(connection));
        Assert.InRange(Volatile.Read(ref written), 0, 50);

        await connection.SendAsync(Frame.Reset(1, 8));
        await ended.Task.WaitAsync(EchoHost.Patience);
    }

    private static int BytesSeen(RawConnection connection) => connection.Seen.Where(frame => frame.Type == FrameType.Data).Sum(frame => frame.Payload.Length);

    private static byte[] Length(int bytes) => [0, 0, (byte)(bytes >> 8), (byte)bytes];
}
