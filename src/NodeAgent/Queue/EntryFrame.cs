using System.Buffers.Binary;
using System.Diagnostics;

namespace NodeAgent.Queue;

/// <summary>How one entry lies in a segment: length, checksum, then records and file positions together.</summary>
/// <remarks>
/// <code>
/// u32 payload length │ u32 CRC-32C of the payload │ payload:
///   u64 first sequence │ u32 records │ u32 bytes of records │ records │ marks
/// record: 0x12, varint length, LogRecord        (as LogBatch.records travels)
/// mark:   0 (forget all) │ 1 (file mark) │ 2 (forget file), varint id
/// </code>
/// One checksum covers records and positions: after a crash both are there or neither is.
/// </remarks>
internal static class EntryFrame
{
    public const int PrefixBytes = 8;
    public const int HeaderBytes = 16;

    /// <summary>Most bytes that a length is believed; more is damage.</summary>
    public const int PayloadBytesMax = 256 << 20;

    public const byte RecordTag = 0x12;
    public const byte ForgetAll = 0;
    public const byte Mark = 1;
    public const byte Forget = 2;

    /// <summary>Starts an entry in an empty buffer; its numbers follow with <see cref="Seal"/>.</summary>
    public static void Open(ByteBuffer entry)
    {
        entry.Clear();
        entry.Take(PrefixBytes + HeaderBytes).Clear();
    }

    /// <summary>Writes the entry's numbers and checksum.</summary>
    public static void Seal(ByteBuffer entry, ulong firstSequence, int records, int recordBytes)
    {
        Debug.Assert(entry.Length >= PrefixBytes + HeaderBytes + recordBytes);
        var header = entry.Written(PrefixBytes, HeaderBytes);
        BinaryPrimitives.WriteUInt64LittleEndian(header, firstSequence);
        BinaryPrimitives.WriteInt32LittleEndian(header[8..], records);
        BinaryPrimitives.WriteInt32LittleEndian(header[12..], recordBytes);

        var payload = entry.Span[PrefixBytes..];
        var prefix = entry.Written(0, PrefixBytes);
        BinaryPrimitives.WriteInt32LittleEndian(prefix, payload.Length);
        BinaryPrimitives.WriteUInt32LittleEndian(prefix[4..], Crc32C.Of(payload));
    }

    /// <summary>A payload's parts.</summary>
    /// <exception cref="InvalidDataException">The sizes do not add up.</exception>
    public static EntryParts Parts(ReadOnlySpan<byte> payload)
    {
        var reader = new ByteReader(payload);
        var first = reader.UInt64();
        var count = checked((int)reader.UInt32());
        var bytes = checked((int)reader.UInt32());
        var records = reader.Bytes(bytes);
        return new(first, count, records, reader.Bytes(reader.Remaining));
    }
}

/// <summary>An entry's parts, as slices of its payload.</summary>
internal readonly ref struct EntryParts(ulong firstSequence, int count, ReadOnlySpan<byte> records, ReadOnlySpan<byte> marks)
{
    public ulong FirstSequence { get; } = firstSequence;

    public int Count { get; } = count;

    public ReadOnlySpan<byte> Records { get; } = records;

    public ReadOnlySpan<byte> Marks { get; } = marks;

    /// <summary>Brings <paramref name="marks"/> to where this entry leaves them.</summary>
    public void ApplyTo(Dictionary<uint, FileMark> marks)
    {
        var reader = new ByteReader(Marks);
        while (reader.Remaining > 0)
        {
            switch (reader.Byte())
            {
                case EntryFrame.ForgetAll:
                    marks.Clear();
                    break;
                case EntryFrame.Mark:
                    var mark = FileMark.Read(ref reader);
                    marks[mark.Id] = mark;
                    break;
                case EntryFrame.Forget:
                    marks.Remove(checked((uint)reader.Varint()));
                    break;
                case var kind:
                    throw new InvalidDataException($"Mark kind {kind} is not known.");
            }
        }
    }
}
