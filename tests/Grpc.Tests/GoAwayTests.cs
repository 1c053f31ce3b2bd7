using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using Grpc.Core;
using Grpc.Net.Client;
using Grpc.Tests.V1;

namespace Grpc.Tests;

/// <summary>What a call comes to whose server closes the connection in the middle of it, by HTTP/2's GOAWAY.</summary>
public sealed class GoAwayTests
{
    private const int FrameHeaderBytes = 9;
    private const byte HeadersFrame = 1;
    private const byte SettingsFrame = 4;
    private const byte GoAwayFrame = 7;

    [Theory]
    [InlineData(0)] // NO_ERROR
    [InlineData(2)] // INTERNAL_ERROR
    [InlineData(11)] // ENHANCE_YOUR_CALM
    public async Task It_is_unavailable_whatever_the_reason(int reason)
    {
        using var limit = new CancellationTokenSource(EchoHost.Patience);
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        using var channel = GrpcChannel.ForAddress($"http://{listener.LocalEndpoint}");
        using var call = new Echo.EchoClient(channel).SayAsync(new Note(), cancellationToken: limit.Token);

        using (var connection = await listener.AcceptTcpClientAsync(limit.Token))
        {
            await using var stream = connection.GetStream();
            await TakeCallAsync(stream, limit.Token);
            await stream.WriteAsync(GoAway(reason), limit.Token);
        }

        var failure = await Assert.ThrowsAsync<RpcException>(() => call.ResponseAsync);
        Assert.True(failure.StatusCode == StatusCode.Unavailable, failure.ToString());
    }

    /// <summary>Plays the server until the call's headers are here.</summary>
    private static async Task TakeCallAsync(NetworkStream stream, CancellationToken limit)
    {
        var preface = new byte["PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"u8.Length];
        await stream.ReadExactlyAsync(preface, limit);
        await stream.WriteAsync(new byte[] { 0, 0, 0, SettingsFrame, 0, 0, 0, 0, 0 }, limit);
        var header = new byte[FrameHeaderBytes];
        do
        {
            await stream.ReadExactlyAsync(header, limit);
            await stream.ReadExactlyAsync(new byte[(header[0] << 16) | (header[1] << 8) | header[2]], limit);
        }
        while (header[3] != HeadersFrame);
    }

    // The last stream that is said to have been looked at is the call's: nobody may send it again.
    private static byte[] GoAway(int reason)
    {
        var frame = new byte[FrameHeaderBytes + 8];
        (frame[2], frame[3]) = (8, GoAwayFrame);
        BinaryPrimitives.WriteInt32BigEndian(frame.AsSpan(FrameHeaderBytes), 1);
        BinaryPrimitives.WriteInt32BigEndian(frame.AsSpan(FrameHeaderBytes + 4), reason);
        return frame;
    }
}
