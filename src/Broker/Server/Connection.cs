using System.Buffers;
using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using Broker.Groups;
using Kafka.Protocol;
using Kafka.Protocol.Messages;
using Microsoft.Extensions.Logging;

namespace Broker.Server;

/// <summary>One client's connection: requests in, answers out in the same order.</summary>
/// <remarks>
/// Like Kafka, a connection waits for one answer before it turns to the next request, so a parked fetch holds up what is behind it.
/// Produce requests alone overlap: each is appended when it is read, in order, and only its answer waits, so that one fsync can serve all that a
/// client has under way. At most <see cref="AnswersDueMax"/> answers are due at once; further requests wait unread.
/// </remarks>
internal sealed partial class Connection : IDisposable
{
    private const int ReceiveBytes = 16 << 10;
    private const int AnswersDueMax = 64;
    private const int SizeBytes = 4;

    private readonly Socket _socket;
    private readonly ApiTable _apis;
    private readonly BrokerOptions _options;
    private readonly ByteBudget _budget;
    private readonly BrokerMetrics _metrics;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly string _clientHost;
    private readonly ProtocolWriter _writer = new();
    private readonly List<ReadOnlyMemory<byte>> _segments = [];
    private readonly List<ArraySegment<byte>> _gathered = [];
    private readonly byte[] _received = ArrayPool<byte>.Shared.Rent(ReceiveBytes);
    private int _receivedFrom;
    private int _receivedUntil;
    private Task _lastAnswer = Task.CompletedTask;
    private int _answersDue;
    private long _activeAt;
    private volatile bool _closing;
    private volatile bool _answering;

    public Connection(Socket socket, ApiTable apis, BrokerOptions options, ByteBudget budget, BrokerMetrics metrics, TimeProvider time, ILogger logger)
    {
        _socket = socket;
        _apis = apis;
        _options = options;
        _budget = budget;
        _metrics = metrics;
        _time = time;
        _logger = logger;
        _clientHost = HostOf(socket.RemoteEndPoint);
        _activeAt = time.GetTimestamp();
    }

    /// <summary>How long nothing has come in or gone out; zero while a request is being answered.</summary>
    public TimeSpan IdleFor => _answering || Volatile.Read(ref _answersDue) > 0 ? TimeSpan.Zero : _time.GetElapsedTime(Volatile.Read(ref _activeAt));

    /// <summary>Serves the client until it leaves, breaks the protocol, or the broker stops. Never throws.</summary>
    public async Task RunAsync(CancellationToken stopping)
    {
        try
        {
            while (!_closing && await ReceiveFrameAsync().ConfigureAwait(false) is { } frame)
            {
                _answering = true;
                if (!await AnswerAsync(frame, stopping).ConfigureAwait(false))
                    break;
                _answering = false;
            }

            await _lastAnswer.ConfigureAwait(false);
        }
        catch (ProtocolException malformed)
        {
            _metrics.MalformedRequest();
            RequestMalformed(_clientHost, malformed.Message);
        }
        catch (Exception gone) when (gone is SocketException or ObjectDisposedException or OperationCanceledException)
        {
            ClientGone(_clientHost, gone.Message);
        }
#pragma warning disable CA1031 // One request that meets a bug of ours must not take the other connections with it.
        catch (Exception bug)
        {
            RequestFailed(bug, _clientHost);
        }
#pragma warning restore CA1031
        finally
        {
            _socket.Dispose();
            await _lastAnswer.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>Ends the connection after the request that is being answered.</summary>
    public void CloseWhenIdle()
    {
        _closing = true;
        try
        {
            _socket.Shutdown(SocketShutdown.Receive);
        }
        catch (Exception gone) when (gone is SocketException or ObjectDisposedException)
        {
            ClientGone(_clientHost, gone.Message);
        }
    }

    /// <summary>Ends the connection now.</summary>
    public void Abort() => _socket.Dispose();

    public void Dispose()
    {
        _socket.Dispose();
        _writer.Dispose();
        ArrayPool<byte>.Shared.Return(_received);
    }

    // False ends the connection.
    private async ValueTask<bool> AnswerAsync(RequestFrame frame, CancellationToken stopping)
    {
        var started = _time.GetTimestamp();
        ValueTask<Answer> answering;
        RequestHeader header;
        try
        {
            header = ReadHeader(frame.Bytes, out var body);
            if (_apis.Find(header.RequestApiKey, header.RequestApiVersion) is not { } handler)
            {
                var refused = await RefuseAsync(header).ConfigureAwait(false);
                frame.Dispose();
                return refused;
            }

            if (header.RequestApiKey != ApiKey.Produce)
                await _lastAnswer.ConfigureAwait(false);
            answering = handler(body, new(header.RequestApiVersion, header.ClientId, _clientHost), stopping);
        }
        catch
        {
            frame.Dispose();
            throw;
        }

        if (header.RequestApiKey != ApiKey.Produce || (_lastAnswer.IsCompletedSuccessfully && answering.IsCompleted))
            return await SendAsync(answering, header, frame, started).ConfigureAwait(false);

        if (_answersDue >= AnswersDueMax || _lastAnswer.IsFaulted)
            await _lastAnswer.ConfigureAwait(false);
        Interlocked.Increment(ref _answersDue);
        _lastAnswer = SendAfterAsync(_lastAnswer, answering, header, frame, started);
        return true;
    }

    private async Task SendAfterAsync(Task before, ValueTask<Answer> answering, RequestHeader header, RequestFrame frame, long started)
    {
        try
        {
            await before.ConfigureAwait(false);
        }
        catch
        {
            // The connection is ending; this answer is not sent, but what it holds is let go of.
            await answering.ConfigureAwait(false);
            frame.Dispose();
            throw;
        }

        if (!await SendAsync(answering, header, frame, started).ConfigureAwait(false))
            CloseWhenIdle();
        Interlocked.Decrement(ref _answersDue);
    }

    private async ValueTask<bool> SendAsync(ValueTask<Answer> answering, RequestHeader header, RequestFrame frame, long started)
    {
        Answer answer;
        using (frame)
            answer = await answering.ConfigureAwait(false);
        using (answer.Lease)
        {
            if (answer.Message is not null)
            {
                Write(answer.Message, header);
                await SendWrittenAsync().ConfigureAwait(false);
            }
        }

        _metrics.Answered(header.RequestApiKey.ToString(), _time.GetElapsedTime(started));
        // With acks=0 there is no other way to say that something went wrong.
        return !answer.EndsConnection;
    }

    private void Write(IMessage message, RequestHeader header)
    {
        try
        {
            Frame.WriteResponse(_writer, header.RequestApiKey, header.RequestApiVersion, header.CorrelationId, message);
        }
        catch (ProtocolException unspeakable)
        {
            // Not the client's fault, as it would be where one is read.
            throw new InvalidOperationException($"The answer to {header.RequestApiKey} v{header.RequestApiVersion} cannot be written.", unspeakable);
        }
    }

    // An unknown version of ApiVersions is how a newer client introduces itself; everything else that is unknown ends the connection.
    private async ValueTask<bool> RefuseAsync(RequestHeader header)
    {
        if (header.RequestApiKey != ApiKey.ApiVersions)
        {
            _metrics.MalformedRequest();
            RequestRefused(_clientHost, header.ClientId, (short)header.RequestApiKey, header.RequestApiVersion);
            return false;
        }

        await _lastAnswer.ConfigureAwait(false);
        var refusal = new ApiVersionsResponse { ErrorCode = ErrorCode.UnsupportedVersion };
        foreach (var offered in _apis.Offered)
            refusal.ApiKeys.Add(new() { ApiKey = (short)offered.Api, MinVersion = offered.Min, MaxVersion = offered.Max });
        Frame.WriteResponse(_writer, ApiKey.ApiVersions, version: 0, header.CorrelationId, refusal);
        await SendWrittenAsync().ConfigureAwait(false);
        return true;
    }

    private static RequestHeader ReadHeader(ReadOnlyMemory<byte> frame, out ReadOnlyMemory<byte> body)
    {
        var reader = new ProtocolReader(frame);
        var header = RequestHeader.ReadAny(ref reader);
        body = frame[reader.Position..];
        return header;
    }

    private async ValueTask<RequestFrame?> ReceiveFrameAsync()
    {
        while (_receivedUntil - _receivedFrom < SizeBytes)
        {
            if (!await ReceiveMoreAsync().ConfigureAwait(false))
                return null;
        }

        var size = BinaryPrimitives.ReadInt32BigEndian(_received.AsSpan(_receivedFrom));
        if (size <= 0 || size > _options.RequestBytesMax)
            throw new ProtocolException($"A request of {size} bytes: the limit is {_options.RequestBytesMax} (RequestBytesMax).");
        _receivedFrom += SizeBytes;

        var frame = await RequestFrame.RentAsync(_budget, size).ConfigureAwait(false);
        try
        {
            var here = Math.Min(size, _receivedUntil - _receivedFrom);
            _received.AsSpan(_receivedFrom, here).CopyTo(frame.Bytes.Span);
            _receivedFrom += here;
            while (here < size)
            {
                // Straight into the frame while it can take a buffer's worth; a small rest may bring the next request along.
                var rest = frame.Bytes[here..];
                if (rest.Length >= ReceiveBytes)
                {
                    var count = await ReceiveAsync(rest).ConfigureAwait(false);
                    if (count == 0)
                        throw new ProtocolException($"The client left after {here} of a request's {size} bytes.");
                    here += count;
                    continue;
                }

                if (!await ReceiveMoreAsync().ConfigureAwait(false))
                    throw new ProtocolException($"The client left after {here} of a request's {size} bytes.");
                var copied = Math.Min(rest.Length, _receivedUntil - _receivedFrom);
                _received.AsSpan(_receivedFrom, copied).CopyTo(rest.Span);
                _receivedFrom += copied;
                here += copied;
            }

            return frame;
        }
        catch
        {
            frame.Dispose();
            throw;
        }
    }

    // False at the end of the stream.
    private async ValueTask<bool> ReceiveMoreAsync()
    {
        var kept = _receivedUntil - _receivedFrom;
        if (_receivedFrom > 0)
        {
            _received.AsSpan(_receivedFrom, kept).CopyTo(_received);
            (_receivedFrom, _receivedUntil) = (0, kept);
        }

        var count = await ReceiveAsync(_received.AsMemory(kept, ReceiveBytes - kept)).ConfigureAwait(false);
        _receivedUntil += count;
        return count > 0;
    }

    private async ValueTask<int> ReceiveAsync(Memory<byte> to)
    {
        var count = await _socket.ReceiveAsync(to, SocketFlags.None).ConfigureAwait(false);
        Volatile.Write(ref _activeAt, _time.GetTimestamp());
        return count;
    }

    private async ValueTask SendWrittenAsync()
    {
        try
        {
            _writer.AddSegmentsTo(_segments);
            if (_segments.Count == 1)
            {
                for (var rest = _segments[0]; !rest.IsEmpty;)
                    rest = rest[await _socket.SendAsync(rest, SocketFlags.None).ConfigureAwait(false)..];
            }
            else
            {
                // One gathering send: with TCP_NODELAY, one per segment would put each into a packet of its own.
                foreach (var segment in _segments)
                    _gathered.Add(ArrayOf(segment));
                var sent = await _socket.SendAsync(_gathered, SocketFlags.None).ConfigureAwait(false);
                if (sent != _writer.Length)
                    throw new SocketException((int)SocketError.ConnectionAborted, $"Only {sent} of {_writer.Length} bytes were taken.");
            }
        }
        finally
        {
            _segments.Clear();
            _gathered.Clear();
            _writer.Reset();
        }

        Volatile.Write(ref _activeAt, _time.GetTimestamp());
    }

    private static ArraySegment<byte> ArrayOf(ReadOnlyMemory<byte> memory) =>
        MemoryMarshal.TryGetArray(memory, out var array) ? array : new(memory.ToArray());

    private static string HostOf(EndPoint? remote) => remote switch
    {
        IPEndPoint { Address.IsIPv4MappedToIPv6: true } ip => $"/{ip.Address.MapToIPv4()}",
        IPEndPoint ip => $"/{ip.Address}",
        _ => "/unknown",
    };

    [LoggerMessage(1201, LogLevel.Warning, "Closed the connection of {Client}: {Fault}")]
    private partial void RequestMalformed(string client, string fault);

    [LoggerMessage(1202, LogLevel.Debug, "{Client} has gone: {Reason}")]
    private partial void ClientGone(string client, string reason);

    [LoggerMessage(1203, LogLevel.Error, "A request of {Client} met an error of the broker's own; its connection was closed.")]
    private partial void RequestFailed(Exception bug, string client);

    [LoggerMessage(1204, LogLevel.Warning, "Closed the connection of {Client} ({ClientId}): it asked for API {Api} version {Version}, which this broker does not offer.")]
    private partial void RequestRefused(string client, string? clientId, short api, short version);
}
