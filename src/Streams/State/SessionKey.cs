using System.Buffers;
using System.Buffers.Binary;

namespace Streams.State;

/// <summary>
/// A session's key in changelogs: the key's bytes, then end and start as eight bytes each. The layout of Kafka Streams' <c>SessionKeySchema</c>.
/// </summary>
internal static class SessionKey
{
    public const int SuffixBytes = 16;

    public static void WriteSuffix(IBufferWriter<byte> to, TimeWindow session)
    {
        var suffix = to.GetSpan(SuffixBytes);
        BinaryPrimitives.WriteInt64BigEndian(suffix, session.EndMs);
        BinaryPrimitives.WriteInt64BigEndian(suffix[8..], session.StartMs);
        to.Advance(SuffixBytes);
    }

    /// <exception cref="FormatException">The bytes are too few.</exception>
    public static TimeWindow Read(ReadOnlySpan<byte> bytes, out ReadOnlySpan<byte> key)
    {
        if (bytes.Length < SuffixBytes)
            throw new FormatException($"A session's key ends in {SuffixBytes} bytes of its end and start; this one has {bytes.Length} in all.");

        key = bytes[..^SuffixBytes];
        var suffix = bytes[^SuffixBytes..];
        return new(BinaryPrimitives.ReadInt64BigEndian(suffix[8..]), BinaryPrimitives.ReadInt64BigEndian(suffix));
    }
}
