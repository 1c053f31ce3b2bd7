using System.Buffers.Binary;

namespace Streams.Runtime;

/// <summary>A partition's time, kept beside its committed offset so that stream time survives a restart.</summary>
/// <remarks>The format of Kafka Streams' <c>TopicPartitionMetadata</c>, version 1: a version byte and eight bytes, in Base64.</remarks>
internal static class PartitionTime
{
    private const byte Version = 1;
    private const int Bytes = 9;

    public static string Encode(long timestamp)
    {
        Span<byte> bytes = stackalloc byte[Bytes];
        bytes[0] = Version;
        BinaryPrimitives.WriteInt64BigEndian(bytes[1..], timestamp);
        return Convert.ToBase64String(bytes);
    }

    /// <summary>The time; −1 where there is none, or where another program committed something of its own.</summary>
    public static long Decode(string metadata)
    {
        Span<byte> bytes = stackalloc byte[64];
        return Convert.TryFromBase64String(metadata, bytes, out var length) && length >= Bytes && bytes[0] >= Version
            ? BinaryPrimitives.ReadInt64BigEndian(bytes[1..])
            : Processing.TaskContext.NoTimestamp;
    }
}
