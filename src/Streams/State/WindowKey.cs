using System.Buffers.Binary;

namespace Streams.State;

/// <summary>
/// A window's key in changelogs: the key's bytes, then the start as eight bytes, then four of a sequence that tells duplicates apart and is 0 in
/// other stores. The layout of Kafka Streams' <c>WindowKeySchema</c>.
/// </summary>
internal static class WindowKey
{
    public const int SuffixBytes = 12;

    public static void WriteSuffix(RecordBuffer to, long start, int sequence)
    {
        var suffix = to.GetSpan(SuffixBytes);
        BinaryPrimitives.WriteInt64BigEndian(suffix, start);
        BinaryPrimitives.WriteInt32BigEndian(suffix[8..], sequence);
        to.Advance(SuffixBytes);
    }

    /// <exception cref="FormatException">The bytes are too few.</exception>
    public static (long Start, int Sequence) Read(ReadOnlySpan<byte> bytes, out ReadOnlySpan<byte> key)
    {
        if (bytes.Length < SuffixBytes)
            throw new FormatException($"A window's key ends in {SuffixBytes} bytes of its start and sequence; this one has {bytes.Length} in all.");

        key = bytes[..^SuffixBytes];
        var suffix = bytes[^SuffixBytes..];
        return (BinaryPrimitives.ReadInt64BigEndian(suffix), BinaryPrimitives.ReadInt32BigEndian(suffix[8..]));
    }
}
