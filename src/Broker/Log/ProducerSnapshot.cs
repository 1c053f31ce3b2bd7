using System.Buffers.Binary;
using System.Globalization;
using Kafka.Protocol;

namespace Broker.Log;

/// <summary>A partition's producers as of one offset, in a file: a start reads it and replays only the batches after it.</summary>
/// <remarks>
/// Layout, big-endian: magic 8, offset 8, producer count 4, then per producer id 8, epoch 2, last append 8, batch count 1 and per batch
/// first and last sequence 4+4, base offset 8, last offset delta 4; CRC-32C 4 of all of it. A damaged file is as good as none.
/// </remarks>
internal static class ProducerSnapshot
{
    public const string Suffix = ".producers";

    private const ulong Magic = 0x5354_5250_4944_0001;
    private const int HeaderBytes = 20;
    private const int ProducerBytes = 19;
    private const int BatchBytes = 20;
    private const int CrcBytes = 4;

    public static byte[] Encode(ProducerStates producers, long offset)
    {
        var bytes = new byte[HeaderBytes + producers.All.Sum(p => ProducerBytes + p.BatchCount * BatchBytes) + CrcBytes];
        BinaryPrimitives.WriteUInt64BigEndian(bytes, Magic);
        BinaryPrimitives.WriteInt64BigEndian(bytes.AsSpan(8), offset);
        BinaryPrimitives.WriteInt32BigEndian(bytes.AsSpan(16), producers.Count);
        var rest = bytes.AsSpan(HeaderBytes);
        foreach (var producer in producers.All)
        {
            BinaryPrimitives.WriteInt64BigEndian(rest, producer.ProducerId);
            BinaryPrimitives.WriteInt16BigEndian(rest[8..], producer.Epoch);
            BinaryPrimitives.WriteInt64BigEndian(rest[10..], producer.LastAppendAt);
            rest[18] = (byte)producer.BatchCount;
            rest = rest[ProducerBytes..];
            for (var i = 0; i < producer.BatchCount; i++, rest = rest[BatchBytes..])
            {
                var batch = producer[i];
                BinaryPrimitives.WriteInt32BigEndian(rest, batch.FirstSequence);
                BinaryPrimitives.WriteInt32BigEndian(rest[4..], batch.LastSequence);
                BinaryPrimitives.WriteInt64BigEndian(rest[8..], batch.BaseOffset);
                BinaryPrimitives.WriteInt32BigEndian(rest[16..], batch.LastOffsetDelta);
            }
        }

        BinaryPrimitives.WriteUInt32BigEndian(rest, Crc32C.Compute(bytes.AsSpan(0, bytes.Length - CrcBytes)));
        return bytes;
    }

    /// <summary>Writes a snapshot and removes all but it and the one before.</summary>
    public static void Write(string directory, long offset, byte[] snapshot)
    {
        var path = Path.Combine(directory, LogSegment.FileName(offset, Suffix));
        File.WriteAllBytes(path + ".tmp", snapshot);
        File.Move(path + ".tmp", path, overwrite: true);
        foreach (var (old, _) in Find(directory).Skip(2))
            File.Delete(old);
    }

    /// <summary>Reads the newest good snapshot at or before <paramref name="endOffset"/>; removes those that are neither.</summary>
    /// <returns>The offset the snapshot speaks of; null where there is none.</returns>
    public static long? Load(string directory, long endOffset, ProducerStates into)
    {
        foreach (var (path, offset) in Find(directory))
        {
            if (offset <= endOffset && TryDecode(File.ReadAllBytes(path), offset, into))
                return offset;
            File.Delete(path);
        }

        return null;
    }

    // Newest first.
    private static (string Path, long Offset)[] Find(string directory) =>
        Directory.EnumerateFiles(directory, "*" + Suffix)
            .Select(path => (path, offset: long.TryParse(
                Path.GetFileNameWithoutExtension(path), NumberStyles.None, CultureInfo.InvariantCulture, out var offset) ? offset : -1))
            .Where(file => file.offset >= 0)
            .OrderByDescending(file => file.offset)
            .ToArray();

    private static bool TryDecode(ReadOnlySpan<byte> bytes, long offset, ProducerStates into)
    {
        if (bytes.Length < HeaderBytes + CrcBytes
            || BinaryPrimitives.ReadUInt64BigEndian(bytes) != Magic
            || BinaryPrimitives.ReadInt64BigEndian(bytes[8..]) != offset
            || BinaryPrimitives.ReadUInt32BigEndian(bytes[^CrcBytes..]) != Crc32C.Compute(bytes[..^CrcBytes]))
            return false;

        // The checksum holds, so the counts inside can be believed.
        var rest = bytes[HeaderBytes..];
        for (var left = BinaryPrimitives.ReadInt32BigEndian(bytes[16..]); left > 0; left--)
        {
            var (id, epoch) = (BinaryPrimitives.ReadInt64BigEndian(rest), BinaryPrimitives.ReadInt16BigEndian(rest[8..]));
            var (lastAppendAt, batches) = (BinaryPrimitives.ReadInt64BigEndian(rest[10..]), rest[18]);
            rest = rest[ProducerBytes..];
            var state = new ProducerState(id, epoch);
            for (var i = 0; i < batches; i++, rest = rest[BatchBytes..])
            {
                state.Add(
                    epoch,
                    new(BinaryPrimitives.ReadInt32BigEndian(rest),
                        BinaryPrimitives.ReadInt32BigEndian(rest[4..]),
                        BinaryPrimitives.ReadInt64BigEndian(rest[8..]),
                        BinaryPrimitives.ReadInt32BigEndian(rest[16..])),
                    lastAppendAt);
            }

            into.Restore(state);
        }

        return true;
    }
}
