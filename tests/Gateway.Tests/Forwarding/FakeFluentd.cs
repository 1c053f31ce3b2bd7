using System.Buffers;
using System.Collections.Concurrent;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using MessagePack;
using TestKit;

namespace Gateway.Tests.Forwarding;

/// <summary>What a forward server asks for and how it behaves. Fluentd and Fluent Bit differ in some of it.</summary>
internal sealed class FakeFluentdOptions
{
    public string? SharedKey { get; set; }

    /// <summary>Fluent Bit sends the nonce as str, with bytes that are no text.</summary>
    public bool NonceAsStr { get; set; }

    public (string Name, string Password)? User { get; set; }

    public string Name { get; set; } = "fluentd";

    /// <summary>A server that claims to be let in without knowing the key.</summary>
    public bool LiesAboutTheKey { get; set; }

    public X509Certificate2? Certificate { get; set; }

    public bool AsksForClientCertificate { get; set; }

    /// <summary>What is done with the nth chunk (from 0). Null acknowledges.</summary>
    public Func<int, ChunkAnswer>? Answer { get; set; }
}

internal enum ChunkAnswer
{
    Acknowledge,
    Withhold,
    AcknowledgeAnother,
    Reset,
    Garbage,
    ResetBeforeReading,
    AcknowledgeAndClose,
}

/// <summary>An event as it arrived.</summary>
internal sealed record ReceivedEvent(string Tag, uint Seconds, uint Nanoseconds, Dictionary<string, object?> Fields)
{
    public string Id => (string)Fields["event_id"]!;
}

/// <summary>A forward server, written from the protocol's specification. Keeps only the events of chunks that it acknowledged or withheld.</summary>
internal sealed class FakeFluentd : IAsyncDisposable
{
    private readonly FakeFluentdOptions _options;
    private readonly TcpListener _listener;
    private readonly CancellationTokenSource _stop = new();
    private readonly ConcurrentBag<Task> _connections = [];
    private readonly SemaphoreSlim _changes = new(0);
    private readonly List<ReceivedEvent> _events = [];
    private readonly List<(string Id, int Size, int Events)> _chunks = [];
    private readonly Task _accepting;
    private int _chunkCount;
    private int _connectionCount;

    public FakeFluentd(FakeFluentdOptions? options = null, int? port = null)
    {
        _options = options ?? new();
        Port = port ?? UnusedPort.Take();
        _listener = new TcpListener(IPAddress.Loopback, Port);
        _listener.Start();
        _accepting = AcceptAsync();
    }

    public int Port { get; }

    public int Connections => Volatile.Read(ref _connectionCount);

    /// <summary>What went wrong on our side of a connection.</summary>
    public ConcurrentQueue<string> Refusals { get; } = [];

    /// <summary>Once set, chunks are read no more until it completes.</summary>
    public TaskCompletionSource? Hold { get; set; }

    /// <summary>What is done with a chunk by its id, where the options do not say.</summary>
    public Func<string, ChunkAnswer>? Judge { get; set; }

    public List<ReceivedEvent> Events
    {
        get
        {
            lock (_events)
                return [.. _events];
        }
    }

    public List<(string Id, int Size, int Events)> Chunks
    {
        get
        {
            lock (_events)
                return [.. _chunks];
        }
    }

    /// <summary>Waits until what a test waits for has come.</summary>
    public async Task UntilAsync(Func<FakeFluentd, bool> holds, CancellationToken limit)
    {
        while (!holds(this))
            await _changes.WaitAsync(limit);
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Stop();
        Hold?.TrySetResult();
        await Task.WhenAll([_accepting, .. _connections]);
        _stop.Dispose();
        _changes.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                var socket = await _listener.AcceptSocketAsync(_stop.Token);
                Interlocked.Increment(ref _connectionCount);
                _changes.Release();
                _connections.Add(ServeAsync(socket));
            }
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
        {
        }
    }

    private async Task ServeAsync(Socket socket)
    {
        using var own = socket;
        try
        {
            Stream stream = new NetworkStream(socket);
            if (_options.Certificate is { } certificate)
            {
                var tls = new SslStream(stream);
                await tls.AuthenticateAsServerAsync(
                    new SslServerAuthenticationOptions
                    {
                        ServerCertificate = certificate,
                        ClientCertificateRequired = _options.AsksForClientCertificate,
                        RemoteCertificateValidationCallback = (_, presented, _, _) => !_options.AsksForClientCertificate || presented is not null,
                    },
                    _stop.Token);
                stream = tls;
            }

            using var reader = new MessagePackStreamReader(stream);
            if (_options.SharedKey is not null && !await LetInAsync(stream, reader))
                return;
            while (true)
            {
                if (Hold is { } hold)
                    await hold.Task;
                if (await reader.ReadAsync(_stop.Token) is not { } message || !await TakeAsync(socket, stream, message))
                    return;
            }
        }
        catch (Exception e) when (e is IOException or OperationCanceledException or SocketException or System.Security.Authentication.AuthenticationException
            or MessagePackSerializationException)
        {
            Refusals.Enqueue(e.Message);
        }
        finally
        {
            _changes.Release();
        }
    }

    private async Task<bool> LetInAsync(Stream stream, MessagePackStreamReader reader)
    {
        // 0xff and 0x00 stand in no UTF-8 text.
        byte[] nonce = [0xff, 0x00, .. RandomNumberGenerator.GetBytes(14)];
        byte[] auth = _options.User is null ? [] : RandomNumberGenerator.GetBytes(16);
        await SendAsync(stream, (ref MessagePackWriter w) =>
        {
            w.WriteArrayHeader(2);
            w.Write("HELO");
            w.WriteMapHeader(3);
            w.Write("nonce");
            Raw(ref w, nonce);
            w.Write("auth");
            Raw(ref w, auth);
            w.Write("keepalive");
            w.Write(true);
        });

        if (Value(await reader.ReadAsync(_stop.Token) ?? throw new IOException("No PING came.")) is not object?[] { Length: 6 } ping || ping[0] is not "PING")
            throw new IOException("What came is no PING.");
        var (client, salt, digest) = ((string)ping[1]!, Encoding.UTF8.GetBytes((string)ping[2]!), (string)ping[3]!);
        var key = Encoding.UTF8.GetBytes(_options.SharedKey!);
        var reason = digest != Digest(salt, Encoding.UTF8.GetBytes(client), nonce, key) && !_options.LiesAboutTheKey ? "shared_key mismatch"
            : _options.User is { } user && ((string)ping[4]! != user.Name
                || (string)ping[5]! != Digest(auth, Encoding.UTF8.GetBytes(user.Name), Encoding.UTF8.GetBytes(user.Password))) ? "username/password mismatch"
            : _options.User is null && ((string)ping[4]! != "" || (string)ping[5]! != "") ? "invalid ping message"
            : "";
        await SendAsync(stream, (ref MessagePackWriter w) =>
        {
            w.WriteArrayHeader(5);
            w.Write("PONG");
            w.Write(reason.Length == 0);
            w.Write(reason);
            w.Write(reason.Length == 0 ? _options.Name : "");
            w.Write(reason.Length == 0 ? Digest(salt, Encoding.UTF8.GetBytes(_options.Name), nonce, key) : "");
        });
        if (reason.Length > 0)
            Refusals.Enqueue(reason);
        return reason.Length == 0;

        void Raw(ref MessagePackWriter w, byte[] bytes)
        {
            if (_options.NonceAsStr)
                w.WriteString(bytes);
            else
                w.Write(bytes);
        }
    }

    private async Task<bool> TakeAsync(Socket socket, Stream stream, ReadOnlySequence<byte> message)
    {
        var number = Interlocked.Increment(ref _chunkCount) - 1;
        var answer = _options.Answer?.Invoke(number) ?? ChunkAnswer.Acknowledge;
        if (answer is ChunkAnswer.ResetBeforeReading)
        {
            Reset(socket);
            return false;
        }

        var (tag, entries, size, chunk) = PackedForward(message);
        var events = Entries(tag, entries);
        lock (_events)
        {
            _events.AddRange(events);
            _chunks.Add((chunk, size, events.Count));
        }

        _changes.Release();
        answer = Judge?.Invoke(chunk) ?? answer;
        switch (answer)
        {
            case ChunkAnswer.Withhold:
                return true;
            case ChunkAnswer.Reset:
                Reset(socket);
                return false;
            case ChunkAnswer.Garbage:
                await stream.WriteAsync(new byte[] { 0xc1, 0x91, 0x91, 0xff }, _stop.Token);
                return true;
            default:
                await SendAsync(stream, (ref MessagePackWriter w) =>
                {
                    w.WriteMapHeader(1);
                    w.Write("ack");
                    w.Write(answer is ChunkAnswer.AcknowledgeAnother ? "another" : chunk);
                });
                return answer is not ChunkAnswer.AcknowledgeAndClose;
        }
    }

    // RST instead of FIN: what the other end has not read yet is gone.
    private static void Reset(Socket socket)
    {
        socket.LingerState = new LingerOption(true, 0);
        socket.Close();
    }

    private static (string Tag, ReadOnlySequence<byte> Entries, int Size, string Chunk) PackedForward(ReadOnlySequence<byte> message)
    {
        var reader = new MessagePackReader(message);
        Assert.Equal(3, reader.ReadArrayHeader());
        var tag = reader.ReadString()!;
        Assert.Equal(MessagePackType.Binary, reader.NextMessagePackType);
        var entries = reader.ReadBytes()!.Value;
        var option = (Dictionary<string, object?>)Value(ref reader)!;
        return (tag, entries, Convert.ToInt32(option["size"], null), (string)option["chunk"]!);
    }

    private static List<ReceivedEvent> Entries(string tag, ReadOnlySequence<byte> entries)
    {
        var events = new List<ReceivedEvent>();
        var reader = new MessagePackReader(entries);
        while (!reader.End)
        {
            Assert.Equal(2, reader.ReadArrayHeader());
            uint seconds = 0, nanoseconds = 0;
            if (reader.NextMessagePackType == MessagePackType.Extension)
            {
                var time = reader.ReadExtensionFormat();
                var data = time.Data.ToArray();
                Assert.Equal((0, 8), (time.TypeCode, data.Length));
                seconds = System.Buffers.Binary.BinaryPrimitives.ReadUInt32BigEndian(data);
                nanoseconds = System.Buffers.Binary.BinaryPrimitives.ReadUInt32BigEndian(data.AsSpan(4));
            }
            else
            {
                seconds = reader.ReadUInt32();
            }

            events.Add(new ReceivedEvent(tag, seconds, nanoseconds, (Dictionary<string, object?>)Value(ref reader)!));
        }

        return events;
    }

    private static object? Value(ReadOnlySequence<byte> bytes)
    {
        var reader = new MessagePackReader(bytes);
        return Value(ref reader);
    }

    private static object? Value(ref MessagePackReader reader)
    {
        switch (reader.NextMessagePackType)
        {
            case MessagePackType.Integer:
                return reader.ReadInt64();
            case MessagePackType.Float:
                return reader.ReadDouble();
            case MessagePackType.Boolean:
                return reader.ReadBoolean();
            case MessagePackType.String:
                return reader.ReadString();
            case MessagePackType.Binary:
                return reader.ReadBytes()!.Value.ToArray();
            case MessagePackType.Array:
                var items = new object?[reader.ReadArrayHeader()];
                for (var i = 0; i < items.Length; i++)
                    items[i] = Value(ref reader);
                return items;
            case MessagePackType.Map:
                var map = new Dictionary<string, object?>();
                for (var left = reader.ReadMapHeader(); left > 0; left--)
                    map.Add(reader.ReadString()!, Value(ref reader));
                return map;
            default:
                throw new InvalidOperationException($"A record holds a {reader.NextMessagePackType}.");
        }
    }

    private static string Digest(params ReadOnlySpan<byte[]> parts)
    {
        using var all = new MemoryStream();
        foreach (var part in parts)
            all.Write(part);
        return Convert.ToHexStringLower(SHA512.HashData(all.ToArray()));
    }

    private delegate void Writing(ref MessagePackWriter writer);

    private async Task SendAsync(Stream stream, Writing write)
    {
        var buffer = new ArrayBufferWriter<byte>();
        Fill();
        await stream.WriteAsync(buffer.WrittenMemory, _stop.Token);

        void Fill()
        {
            var writer = new MessagePackWriter(buffer);
            write(ref writer);
            writer.Flush();
        }
    }
}
