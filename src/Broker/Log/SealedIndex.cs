using System.Buffers.Binary;
using Kafka.Protocol;
using Microsoft.Win32.SafeHandles;

namespace Broker.Log;

/// <summary>
/// The index of a segment that was forced to disk, in a file beside it. It vouches for the segment: while the log's length is the one
/// written here, nothing was appended since the fsync, and a start need not walk the segment.
/// </summary>
/// <remarks>
/// Layout, big-endian: magic 8, base offset 8, log length 4, entry count 4, next offset 8, max timestamp 8, CRC-32C 4 of all the rest,
/// 4 unused, then the entries. It is written without an fsync of its own: a torn one fails its checksum and is built again.
/// </remarks>
internal sealed class SealedIndex : ISegmentIndex, IDisposable
{
    private const ulong Magic = 0x5354_5249_4458_0001;
    private const int HeaderBytes = 48;
    private const int CrcAt = 40;

    private readonly SafeFileHandle _file;

    private SealedIndex(SafeFileHandle file, ReadOnlySpan<byte> header)
    {
        _file = file;
        LogLength = BinaryPrimitives.ReadInt32BigEndian(header[16..]);
        Count = BinaryPrimitives.ReadInt32BigEndian(header[20..]);
        NextOffset = BinaryPrimitives.ReadInt64BigEndian(header[24..]);
        MaxTimestamp = BinaryPrimitives.ReadInt64BigEndian(header[32..]);
    }

    public int LogLength { get; }

    public long NextOffset { get; }

    public long MaxTimestamp { get; }

    public int Count { get; }

    public IndexEntry this[int position]
    {
        get
        {
            Span<byte> entry = stackalloc byte[IndexEntry.Bytes];
            var read = RandomAccess.Read(_file, entry, HeaderBytes + (long)position * IndexEntry.Bytes);
            return read == entry.Length ? Decode(entry) : throw new IOException("An index file lost its end while it was in use.");
        }
    }

    public static void Write(string path, long baseOffset, int logLength, long nextOffset, long maxTimestamp, IReadOnlyList<IndexEntry> entries)
    {
        var bytes = new byte[HeaderBytes + entries.Count * IndexEntry.Bytes];
        BinaryPrimitives.WriteUInt64BigEndian(bytes, Magic);
        BinaryPrimitives.WriteInt64BigEndian(bytes.AsSpan(8), baseOffset);
        BinaryPrimitives.WriteInt32BigEndian(bytes.AsSpan(16), logLength);
        BinaryPrimitives.WriteInt32BigEndian(bytes.AsSpan(20), entries.Count);
        BinaryPrimitives.WriteInt64BigEndian(bytes.AsSpan(24), nextOffset);
        BinaryPrimitives.WriteInt64BigEndian(bytes.AsSpan(32), maxTimestamp);
        for (var i = 0; i < entries.Count; i++)
            Encode(entries[i], bytes.AsSpan(HeaderBytes + i * IndexEntry.Bytes));
        BinaryPrimitives.WriteUInt32BigEndian(bytes.AsSpan(CrcAt), Checksum(bytes));

        var temporary = path + ".tmp";
        File.WriteAllBytes(temporary, bytes);
        File.Move(temporary, path, overwrite: true);
    }

    /// <summary>Opens the index of a segment, or returns null where it is missing, damaged, or older than the segment's last append.</summary>
    public static SealedIndex? TryOpen(string path, long baseOffset, long logLength)
    {
        if (!File.Exists(path))
            return null;
        var bytes = File.ReadAllBytes(path);
        if (bytes.Length < HeaderBytes
            || BinaryPrimitives.ReadUInt64BigEndian(bytes) != Magic
            || BinaryPrimitives.ReadUInt32BigEndian(bytes.AsSpan(CrcAt)) != Checksum(bytes)
            || BinaryPrimitives.ReadInt64BigEndian(bytes.AsSpan(8)) != baseOffset
            || BinaryPrimitives.ReadInt32BigEndian(bytes.AsSpan(16)) != logLength)
            return null;
        return new(File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete), bytes);
    }

    public IndexEntry[] ToArray()
    {
        var bytes = new byte[Count * IndexEntry.Bytes];
        var read = RandomAccess.Read(_file, bytes, HeaderBytes);
        if (read != bytes.Length)
            throw new IOException("An index file lost its end while it was in use.");
        var entries = new IndexEntry[Count];
        for (var i = 0; i < entries.Length; i++)
            entries[i] = Decode(bytes.AsSpan(i * IndexEntry.Bytes));
        return entries;
    }

    public void Dispose() => _file.Dispose();

    private static uint Checksum(ReadOnlySpan<byte> bytes) =>
        Crc32C.Append(Crc32C.Compute(bytes[..CrcAt]), bytes[HeaderBytes..]);

    private static void Encode(IndexEntry entry, Span<byte> to)
    {
        BinaryPrimitives.WriteInt32BigEndian(to, entry.RelativeOffset);
        BinaryPrimitives.WriteInt32BigEndian(to[4..], entry.Position);
        BinaryPrimitives.WriteInt64BigEndian(to[8..], entry.MaxTimestampBefore);
    }

    private static IndexEntry Decode(ReadOnlySpan<byte> from) => new(
        BinaryPrimitives.ReadInt32BigEndian(from),
        BinaryPrimitives.ReadInt32BigEndian(from[4..]),
        BinaryPrimitives.ReadInt64BigEndian(from[8..]));
}
