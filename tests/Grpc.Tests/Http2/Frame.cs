using System.Buffers.Binary;

namespace Grpc.Tests.Http2;

/// <summary>HTTP/2's frame types, by their numbers (RFC 9113, section 6).</summary>
internal enum FrameType : byte
{
    Data,
    Headers,
    Priority,
    RstStream,
    Settings,
    PushPromise,
    Ping,
    GoAway,
    WindowUpdate,
    Continuation,
}

/// <summary>One HTTP/2 frame as it travels.</summary>
internal sealed record Frame(FrameType Type, byte Flags, int Stream, byte[] Payload)
{
    public const int HeaderBytes = 9;
    public const byte Ack = 1;
    public const byte EndStream = 1;
    public const byte EndHeaders = 4;

    public bool IsAck => Type is FrameType.Settings or FrameType.Ping && (Flags & Ack) != 0;

    public bool EndsStream => Type is FrameType.Data or FrameType.Headers && (Flags & EndStream) != 0;

    public static Frame Data(int stream, byte[] bytes, bool ends = false) => new(FrameType.Data, ends ? EndStream : (byte)0, stream, bytes);

    public static Frame Headers(int stream, bool ends, params (string Name, string Value)[] headers) =>
        new(FrameType.Headers, (byte)(EndHeaders | (ends ? EndStream : 0)), stream, HeaderBlock.Of(headers));

    public static Frame Reset(int stream, int errorCode) => new(FrameType.RstStream, 0, stream, Numbers(errorCode));

    public static Frame GoAway(int lastStream, int errorCode) => new(FrameType.GoAway, 0, 0, Numbers(lastStream, errorCode));

    public static Frame WindowUpdate(int stream, int bytes) => new(FrameType.WindowUpdate, 0, stream, Numbers(bytes));

    public static Frame Ping() => new(FrameType.Ping, 0, 0, new byte[8]);

    public static Frame Settings(params (short Id, int Value)[] settings)
    {
        var payload = new byte[settings.Length * 6];
        for (var i = 0; i < settings.Length; i++)
        {
            BinaryPrimitives.WriteInt16BigEndian(payload.AsSpan(i * 6), settings[i].Id);
            BinaryPrimitives.WriteInt32BigEndian(payload.AsSpan((i * 6) + 2), settings[i].Value);
        }

        return new(FrameType.Settings, 0, 0, payload);
    }

    /// <summary>The 32-bit number at a place of the payload: an error code, a window, a last stream.</summary>
    public int NumberAt(int place) => BinaryPrimitives.ReadInt32BigEndian(Payload.AsSpan(place));

    public byte[] ToBytes()
    {
        var bytes = new byte[HeaderBytes + Payload.Length];
        (bytes[0], bytes[1], bytes[2]) = ((byte)(Payload.Length >> 16), (byte)(Payload.Length >> 8), (byte)Payload.Length);
        (bytes[3], bytes[4]) = ((byte)Type, Flags);
        BinaryPrimitives.WriteInt32BigEndian(bytes.AsSpan(5), Stream);
        Payload.CopyTo(bytes.AsSpan(HeaderBytes));
        return bytes;
    }

    private static byte[] Numbers(params int[] numbers)
    {
        var bytes = new byte[numbers.Length * 4];
        for (var i = 0; i < numbers.Length; i++)
            BinaryPrimitives.WriteInt32BigEndian(bytes.AsSpan(i * 4), numbers[i]);
        return bytes;
    }
}
