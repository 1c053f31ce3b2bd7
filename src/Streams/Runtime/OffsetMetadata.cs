using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Text;
using Streams.Processing;

namespace Streams.Runtime;

/// <summary>
/// What is kept beside a partition's committed offset, so that it survives a restart and goes with the task: the partition's time, and how far
/// final results were sent.
/// </summary>
/// <remarks>
/// The format of Kafka Streams' <c>TopicPartitionMetadata</c>, version 2, in Base64: a version byte, eight bytes of time, and where there is
/// something to keep a count (four bytes) of entries: the key's length (four bytes), the key in UTF-8, eight bytes of value; all big-endian.
/// Version 1, which has the time alone, is read, too.
/// </remarks>
internal static class OffsetMetadata
{
    private const byte TimeOnly = 1;
    private const byte Version = 2;
    private const int HeadBytes = 1 + sizeof(long);

    public static string Encode(long partitionTime, ProcessorMetadata processors)
    {
        var size = HeadBytes + (processors.Entries.Count > 0 ? sizeof(int) : 0);
        foreach (var key in processors.Entries.Keys)
            size += sizeof(int) + Encoding.UTF8.GetByteCount(key) + sizeof(long);

        var bytes = new byte[size];
        bytes[0] = Version;
        BinaryPrimitives.WriteInt64BigEndian(bytes.AsSpan(1), partitionTime);
        if (processors.Entries.Count > 0)
            WriteEntries(processors, bytes.AsSpan(HeadBytes));
        return Convert.ToBase64String(bytes);
    }

    /// <summary>Reads what a commit kept.</summary>
    /// <param name="metadata">The committed offset's metadata; empty where the commit kept nothing.</param>
    /// <param name="partitionTime">The time; −1 where there is none.</param>
    /// <param name="processors">Takes the entries, none where one of them cannot be read: of two values of one key the greater stays.</param>
    /// <param name="problem">What is wrong; null where nothing is.</param>
    /// <returns>False where there is something that is not, or not wholly, of this format: another program's, a later version's, or damaged.</returns>
    public static bool TryDecode(string metadata, out long partitionTime, ProcessorMetadata processors, [NotNullWhen(false)] out string? problem)
    {
        (partitionTime, problem) = (TaskContext.NoTimestamp, null);
        if (metadata.Length == 0)
            return true;

        Span<byte> bytes = new byte[metadata.Length];
        if (!Convert.TryFromBase64String(metadata, bytes, out var length))
        {
            problem = "it is not Base64";
            return false;
        }

        bytes = bytes[..length];
        if (length > 0 && bytes[0] is not (TimeOnly or Version))
        {
            problem = $"its version is {bytes[0]}, and the latest known is {Version}";
            return false;
        }

        if (length < HeadBytes)
        {
            problem = $"it has {length} bytes, and a time takes {HeadBytes}";
            return false;
        }

        partitionTime = BinaryPrimitives.ReadInt64BigEndian(bytes[1..]);
        if (bytes[0] == TimeOnly || length == HeadBytes || TryReadEntries(bytes[HeadBytes..], processors))
            return true;

        problem = "what processors kept is cut short";
        return false;
    }

    private static void WriteEntries(ProcessorMetadata processors, Span<byte> to)
    {
        BinaryPrimitives.WriteInt32BigEndian(to, processors.Entries.Count);
        to = to[sizeof(int)..];
        foreach (var (key, value) in processors.Entries)
        {
            var length = Encoding.UTF8.GetBytes(key, to[sizeof(int)..]);
            BinaryPrimitives.WriteInt32BigEndian(to, length);
            BinaryPrimitives.WriteInt64BigEndian(to[(sizeof(int) + length)..], value);
            to = to[(sizeof(int) + length + sizeof(long))..];
        }
    }

    private static bool TryReadEntries(ReadOnlySpan<byte> from, ProcessorMetadata processors)
    {
        var read = new List<(string Key, long Value)>();
        if (from.Length < sizeof(int))
            return false;

        var count = BinaryPrimitives.ReadInt32BigEndian(from);
        from = from[sizeof(int)..];
        if (count < 0)
            return false;

        while (count-- > 0)
        {
            if (from.Length < sizeof(int))
                return false;

            var length = BinaryPrimitives.ReadInt32BigEndian(from);
            from = from[sizeof(int)..];
            if (length < 0 || from.Length - sizeof(long) < length)
                return false;

            read.Add((Encoding.UTF8.GetString(from[..length]), BinaryPrimitives.ReadInt64BigEndian(from[length..])));
            from = from[(length + sizeof(long))..];
        }

        foreach (var (key, value) in read)
            processors.Raise(key, value);
        return true;
    }
}
