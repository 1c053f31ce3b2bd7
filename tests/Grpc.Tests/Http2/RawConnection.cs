using System.Net;
using System.Net.Sockets;
using System.Text;
using Google.Protobuf;
using Grpc.Tests.V1;
using static Grpc.Tests.Http2.Frame;

namespace Grpc.Tests.Http2;

/// <summary>One end of an HTTP/2 connection that sends and sees frames, and has no mind of its own but to acknowledge settings and pings.</summary>
internal sealed class RawConnection : IDisposable
{
    private readonly TcpClient _socket;
    private readonly NetworkStream _stream;
    private readonly CancellationTokenSource _limit = new(EchoHost.Patience);

    private RawConnection(TcpClient socket)
    {
        socket.NoDelay = true;
        (_socket, _stream) = (socket, socket.GetStream());
    }

    private static byte[] Preface => "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"u8.ToArray();

    /// <summary>What came so far, in order, but for settings and pings.</summary>
    public List<Frame> Seen { get; } = [];

    /// <summary>A client's end, at a server of ours.</summary>
    public static async Task<RawConnection> ToAsync(EchoHost host, params (short Id, int Value)[] settings)
    {
        var socket = new TcpClient();
        await socket.ConnectAsync(IPAddress.Loopback, new Uri(host.Address).Port).WaitAsync(EchoHost.Patience);
        var connection = new RawConnection(socket);
        await connection._stream.WriteAsync(Preface, connection._limit.Token);
        await connection.SendAsync(Frame.Settings(settings));
        return connection;
    }

    /// <summary>A server's end, for the next client that connects.</summary>
    public static async Task<RawConnection> FromAsync(TcpListener listener, params (short Id, int Value)[] settings)
    {
        var connection = new RawConnection(await listener.AcceptTcpClientAsync().WaitAsync(EchoHost.Patience));
        await connection._stream.ReadExactlyAsync(new byte[Preface.Length], connection._limit.Token);
        await connection.SendAsync(Frame.Settings(settings));
        return connection;
    }

    public async Task SendAsync(params Frame[] frames)
    {
        foreach (var frame in frames)
            await _stream.WriteAsync(frame.ToBytes(), _limit.Token);
    }

    public ValueTask SendAsync(ReadOnlyMemory<byte> bytes) => _stream.WriteAsync(bytes, _limit.Token);

    /// <summary>Closes this direction of the connection, and leaves the other open.</summary>
    public void FinishSending() => _socket.Client.Shutdown(SocketShutdown.Send);

    /// <summary>A client's call: its headers, and a request where there is one.</summary>
    public Task CallAsync(int stream, string path, byte[]? request, bool ends = true) => request is null
        ? SendAsync(Headers(stream, ends, HeaderBlock.Call(path)))
        : SendAsync(Headers(stream, false, HeaderBlock.Call(path)), Data(stream, request, ends));

    /// <summary>A server's answer to a call: headers, one message, and status OK.</summary>
    public Task AnswerAsync(int stream, string text) => SendAsync(
        Begin(stream), Data(stream, Message(text)), Headers(stream, ends: true, ("grpc-status", "0")));

    /// <summary>The headers that begin a response.</summary>
    public static Frame Begin(int stream) => Headers(stream, ends: false, (":status", "200"), ("content-type", "application/grpc"));

    /// <summary>A note as it travels.</summary>
    public static byte[] Message(string text)
    {
        var note = new Note { Text = text }.ToByteArray();
        return [0, 0, 0, 0, (byte)note.Length, .. note];
    }

    /// <summary>The next frame that is neither settings nor a ping; null where the other side hung up.</summary>
    public async Task<Frame?> ReadAsync()
    {
        while (true)
        {
            var frame = await ReadAnyAsync();
            switch (frame)
            {
                case { Type: FrameType.Settings or FrameType.Ping, IsAck: false }:
                    await SendAsync(frame with { Flags = Ack, Payload = frame.Type == FrameType.Ping ? frame.Payload : [] });
                    break;
                case { IsAck: true }:
                    break;
                case not null:
                    Seen.Add(frame);
                    return frame;
                default:
                    return null;
            }
        }
    }

    /// <summary>Reads until a frame is the one.</summary>
    public async Task<Frame> ReadUntilAsync(Predicate<Frame> isTheOne)
    {
        while (await ReadAsync() is { } frame)
        {
            if (isTheOne(frame))
                return frame;
        }

        throw new EndOfStreamException($"The other side hung up after {string.Join(", ", Seen.Select(frame => $"{frame.Type} of {frame.Stream}"))}.");
    }

    /// <summary>Reads until the next call's headers are here, and says which stream it is.</summary>
    public async Task<int> TakeCallAsync() => (await ReadUntilAsync(frame => frame.Type == FrameType.Headers)).Stream;

    /// <summary>Sends a ping and reads until it is answered: what the other side had sent before, is seen by then.</summary>
    public async Task FenceAsync()
    {
        await SendAsync(Ping());
        while (await ReadAnyAsync() is { } frame)
        {
            if (frame is { Type: FrameType.Ping, IsAck: true })
                return;
            if (frame is { Type: FrameType.Settings, IsAck: false })
                await SendAsync(frame with { Flags = Ack, Payload = [] });
            else if (frame.Type is not (FrameType.Settings or FrameType.Ping))
                Seen.Add(frame);
        }

        throw new EndOfStreamException("The other side hung up instead of answering a ping.");
    }

    /// <summary>Whether a block of headers that Kestrel wrote names this one. It spells each name out the first time.</summary>
    public static bool Names(Frame headers, string name) => headers.Payload.AsSpan().IndexOf(Encoding.ASCII.GetBytes(name)) >= 0;

    public void Dispose()
    {
        _socket.Dispose();
        _limit.Dispose();
    }

    private async Task<Frame?> ReadAnyAsync()
    {
        var header = new byte[HeaderBytes];
        try
        {
            await _stream.ReadExactlyAsync(header, _limit.Token);
            var payload = new byte[(header[0] << 16) | (header[1] << 8) | header[2]];
            await _stream.ReadExactlyAsync(payload, _limit.Token);
            return new((FrameType)header[3], header[4], System.Buffers.Binary.BinaryPrimitives.ReadInt32BigEndian(header.AsSpan(5)) & int.MaxValue, payload);
        }
        catch (IOException)
        {
            return null;
        }
    }
}
