using System.IO.Compression;
using Google.Protobuf;
using Grpc.Tests.V1;

namespace Grpc.Tests.Http2;

/// <summary>What is wrong with a conversation.</summary>
internal enum Oddity
{
    /// <summary>Its gRPC messages: flags, lengths, bytes, compression. As HTTP/2 it is sound.</summary>
    Messages,

    /// <summary>Its headers: names and values that no client of gRPC sends, in a sound header block.</summary>
    Headers,

    /// <summary>Its header blocks' bytes.</summary>
    HeaderBlocks,

    /// <summary>Its frames: types, flags, streams, lengths, order, and some that nobody asked for.</summary>
    Frames,

    /// <summary>Single bytes, wherever they fall.</summary>
    Bytes,
}

/// <summary>A few calls on one connection as an honest client would send them, and then with something odd about them.</summary>
internal sealed class OddConversation
{
    private static readonly string[] Paths = ["Say", "Gather", "Repeat", "Chat", "Unwritten", "Nothing"];

    // Over the limit on messages, and nowhere near the windows that whoever sends here does not look at.
    private static readonly byte[] Bomb = Gzip(new byte[8 * 1024 * 1024]);

    private readonly Random _random;
    private readonly List<Frame> _frames = [];

    public OddConversation(Random random)
    {
        _random = random;
        Oddity = (Oddity)Math.Max(0, random.Next(-6, (int)Oddity.Bytes + 1)); // half of them reach the calls
        for (var stream = 1; stream <= 1 + (2 * random.Next(5)); stream += 2)
            AddCall(stream);
        if (Oddity == Oddity.Frames)
            SpoilFrames();
        Bytes = [.. _frames.SelectMany(frame => frame.ToBytes())];
        if (Oddity == Oddity.Bytes)
            Spoil(Bytes, 1 + random.Next(8));
    }

    public Oddity Oddity { get; }

    public byte[] Bytes { get; }

    /// <summary>The streams that a server must answer, one way or another, as their requests are whole HTTP/2.</summary>
    public HashSet<int> Asked { get; } = [];

    private void AddCall(int stream)
    {
        var (compressed, ends) = (_random.Next(3) == 0, _random.Next(8) != 0);
        var headers = HeaderBlock.Call("/grpctests.v1.Echo/" + Paths[_random.Next(Paths.Length)], [.. MoreHeaders(compressed)]);
        if (Oddity == Oddity.Headers)
            SpoilHeaders(headers);
        var block = HeaderBlock.Of(headers);
        if (Oddity == Oddity.HeaderBlocks)
            Spoil(block, 1 + _random.Next(4));

        var body = Enumerable.Range(0, _random.Next(4)).SelectMany(_ => Message(compressed)).ToArray();
        if (Oddity == Oddity.Messages && body.Length > 0 && _random.Next(4) != 0)
            body = SpoilMessages(body);
        _frames.Add(new(FrameType.Headers, (byte)(Frame.EndHeaders | (ends && body.Length == 0 ? Frame.EndStream : 0)), stream, block));
        for (var at = 0; at < body.Length;)
        {
            var length = Math.Min(body.Length - at, 1 + _random.Next(_random.Next(2) == 0 ? 10 : 16_384));
            _frames.Add(Frame.Data(stream, body[at..(at + length)], ends && at + length == body.Length));
            at += length;
        }

        if (!ends && _random.Next(2) == 0)
            _frames.Add(Frame.Reset(stream, _random.Next(14)));
        if (ends)
            Asked.Add(stream);
    }

    private IEnumerable<(string, string)> MoreHeaders(bool compressed)
    {
        if (compressed)
            yield return ("grpc-encoding", "gzip");
        if (_random.Next(2) == 0)
            yield return ("grpc-accept-encoding", "identity,gzip");
        if (_random.Next(3) == 0)
            yield return ("grpc-timeout", $"{_random.Next(1, 100_000_000)}{"HMSmun"[_random.Next(6)]}");
        if (_random.Next(3) == 0)
            yield return ("trace-bin", Convert.ToBase64String([1, 2, 3]));
    }

    private byte[] Message(bool compressed)
    {
        if (compressed && _random.Next(100) == 0)
            return Prefixed(1, Bomb);
        var note = new Note { Text = new('x', _random.Next(300)), Number = _random.Next(100), Payload = ByteString.CopyFrom(new byte[_random.Next(3_000)]) }.ToByteArray();
        return compressed && _random.Next(4) != 0 ? Prefixed(1, Gzip(note)) : Prefixed(0, note);
    }

    private byte[] SpoilMessages(byte[] body)
    {
        switch (_random.Next(6))
        {
            case 0:
                body[0] = (byte)_random.Next(256); // the flag
                return body;
            case 1:
                _random.NextBytes(body.AsSpan(1, 4)); // the length
                return body;
            case 2:
                return body[..^(1 + _random.Next(body.Length))]; // cut short
            case 3:
                return [.. body, .. body[..(1 + _random.Next(body.Length))]]; // and begun again
            default:
                Spoil(body, 1 + _random.Next(6));
                return body;
        }
    }

    private void SpoilHeaders((string Name, string Value)[] headers)
    {
        ref var odd = ref headers[_random.Next(headers.Length)];
        odd = _random.Next(7) switch
        {
            0 => (odd.Name, ""),
            1 => (odd.Name, RandomText(_random.Next(40))),
            2 => (RandomText(1 + _random.Next(12)), odd.Value),
            3 => ("grpc-timeout", RandomText(_random.Next(12))),
            4 => ("odd-bin", RandomText(_random.Next(30))),
            5 => ("content-type", "application/grpc" + RandomText(_random.Next(6))),
            _ => headers[_random.Next(headers.Length)], // said twice, and something else not at all
        };
    }

    private void SpoilFrames()
    {
        for (var changes = 1 + _random.Next(4); changes > 0; changes--)
        {
            var at = _random.Next(_frames.Count);
            var frame = _frames[at];
            switch (_random.Next(8))
            {
                case 0:
                    _frames[at] = frame with { Type = (FrameType)_random.Next(14) };
                    break;
                case 1:
                    _frames[at] = frame with { Flags = (byte)_random.Next(256) };
                    break;
                case 2:
                    _frames[at] = frame with { Stream = _random.Next(-2, 12) };
                    break;
                case 3:
                    _frames[at] = frame with { Payload = frame.Payload[..(_random.Next(frame.Payload.Length + 1))] };
                    break;
                case 4:
                    _frames.Insert(_random.Next(_frames.Count), frame);
                    break;
                case 5 when _frames.Count > 1:
                    _frames.RemoveAt(at);
                    break;
                default:
                    var payload = new byte[_random.Next(64)];
                    _random.NextBytes(payload);
                    _frames.Insert(at, new((FrameType)_random.Next(12), (byte)_random.Next(256), _random.Next(12), payload));
                    break;
            }
        }
    }

    private void Spoil(byte[] bytes, int changes)
    {
        for (; changes > 0 && bytes.Length > 0; changes--)
            bytes[_random.Next(bytes.Length)] = (byte)_random.Next(256);
    }

    private string RandomText(int length) => new([.. Enumerable.Range(0, length).Select(_ => (char)_random.Next(256))]);

    private static byte[] Prefixed(byte flag, byte[] message)
    {
        var prefix = new byte[5];
        prefix[0] = flag;
        System.Buffers.Binary.BinaryPrimitives.WriteInt32BigEndian(prefix.AsSpan(1), message.Length);
        return [.. prefix, .. message];
    }

    private static byte[] Gzip(byte[] bytes)
    {
        using var compressed = new MemoryStream();
        using (var gzip = new GZipStream(compressed, CompressionLevel.Optimal))
            gzip.Write(bytes);
        return compressed.ToArray();
    }
}
