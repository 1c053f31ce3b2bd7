using System.Buffers.Binary;

namespace Fluentd;

/// <summary>A point in time as the forward protocol writes it: extension type 0 with eight bytes, seconds and nanoseconds.</summary>
/// <remarks>Source: Fluentd's forward protocol specification v1, "EventTime Ext Format". MessagePack's own timestamp is refused by Fluentd.</remarks>
public static class EventTime
{
    /// <summary>What <see cref="Write"/> takes.</summary>
    public const int Bytes = 10;

    private const byte FixExt8 = 0xd7;
    private const byte Type = 0;

    /// <summary>
    /// Whether the format can say it. It has 32 bits for the seconds, and Fluentd takes a zero for "now".
    /// </summary>
    public static bool Fits(long unixSeconds) => unixSeconds is > 0 and <= uint.MaxValue;

    /// <summary>Writes a time that <see cref="Fits"/>.</summary>
    public static void Write(Span<byte> destination, long unixSeconds, int nanoseconds)
    {
        destination[0] = FixExt8;
        destination[1] = Type;
        BinaryPrimitives.WriteUInt32BigEndian(destination[2..], checked((uint)unixSeconds));
        BinaryPrimitives.WriteUInt32BigEndian(destination[6..], (uint)nanoseconds);
    }
}
