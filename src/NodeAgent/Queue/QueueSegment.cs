using System.Buffers.Binary;
using System.Globalization;

namespace NodeAgent.Queue;

/// <summary>One file of the queue: a header, the positions of all files, then entries. Appended to until it is full, deleted once acknowledged.</summary>
internal sealed class QueueSegment(string path, SegmentHeader header)
{
    private const string Prefix = "segment-";
    private const string Suffix = ".queue";

    private long _length;
    private ulong _nextSequence = header.FirstSequence;

    public string Path { get; } = path;

    public SegmentHeader Header { get; } = header;

    /// <summary>Bytes of whole entries; a reader goes no further.</summary>
    public long Length
    {
        get => Volatile.Read(ref _length);
        set => Volatile.Write(ref _length, value);
    }

    /// <summary>The sequence after this segment's last record.</summary>
    public ulong NextSequence
    {
        get => Volatile.Read(ref _nextSequence);
        set => Volatile.Write(ref _nextSequence, value);
    }

    public bool HasRecords => NextSequence > Header.FirstSequence;

    /// <summary>Damaged: set aside instead of deleted.</summary>
    public bool IsDamaged { get; set; }

    public static string PathOf(string directory, long number) =>
        System.IO.Path.Combine(directory, string.Create(CultureInfo.InvariantCulture, $"{Prefix}{number:D10}{Suffix}"));

    /// <summary>The queue's segment files with their numbers, oldest first.</summary>
    public static IReadOnlyList<(long Number, string Path)> In(string directory) =>
    [
        .. from path in Directory.EnumerateFiles(directory, $"{Prefix}*{Suffix}")
           let name = System.IO.Path.GetFileNameWithoutExtension(path)[Prefix.Length..]
           where long.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out _)
           let number = long.Parse(name, CultureInfo.InvariantCulture)
           orderby number
           select (number, path),
    ];
}

/// <summary>What a segment says of itself in its first bytes.</summary>
/// <param name="Number">Its place among the segments.</param>
/// <param name="Epoch">The epoch that its records are numbered in.</param>
/// <param name="FirstSequence">The sequence of its first record.</param>
internal readonly record struct SegmentHeader(long Number, ulong Epoch, ulong FirstSequence)
{
    public const int Bytes = 36;

    private static ReadOnlySpan<byte> Magic => "STRMQ\0\0\u0001"u8;

    public void WriteTo(ByteBuffer buffer)
    {
        var start = buffer.Length;
        buffer.Bytes(Magic);
        buffer.UInt64((ulong)Number);
        buffer.UInt64(Epoch);
        buffer.UInt64(FirstSequence);
        buffer.UInt32(Crc32C.Of(buffer.Span[start..]));
    }

    public static bool TryRead(ReadOnlySpan<byte> bytes, out SegmentHeader header)
    {
        header = default;
        if (bytes.Length < Bytes || !bytes.StartsWith(Magic)
            || BinaryPrimitives.ReadUInt32LittleEndian(bytes[(Bytes - 4)..]) != Crc32C.Of(bytes[..(Bytes - 4)]))
        {
            return false;
        }

        var reader = new ByteReader(bytes[Magic.Length..]);
        header = new((long)reader.UInt64(), reader.UInt64(), reader.UInt64());
        return true;
    }
}
