using System.Buffers;
using Streams.Processing;

namespace Streams;

/// <summary>A table's change on its way to the groups of a table aggregation.</summary>
/// <remarks>
/// Kafka Streams' <c>ChangedSerializer</c> since 3.5 (KIP-904), the last byte says which: old value and 0; new value and 1; the new value's length as a
/// zigzag varint, new value, old value and 2. Flags 3 to 5 are the same with a byte before the flag that says whether the change is the latest;
/// they are read, never written.
/// </remarks>
internal sealed class ChangeSerde<TValue>(ISerde<TValue> inner) : ISerde<Change<TValue>>
{
    private const byte OldOnly = 0;
    private const byte NewOnly = 1;
    private const byte Both = 2;
    private const byte WithLatest = 3;

    [ThreadStatic]
    private static RecordBuffer? _scratch;

    public void Serialize(Change<TValue> value, IBufferWriter<byte> to)
    {
        if (value.HasNew && value.HasOld)
        {
            // The length goes before the bytes, so these are written aside first.
            var scratch = _scratch ??= new RecordBuffer();
            scratch.Clear();
            inner.Serialize(value.New!, scratch);
            WriteLength(scratch.Length, to);
            to.Write(scratch.From(0));
            inner.Serialize(value.Old!, to);
            WriteFlag(Both, to);
        }
        else if (value.HasNew)
        {
            inner.Serialize(value.New!, to);
            WriteFlag(NewOnly, to);
        }
        else
        {
            inner.Serialize(value.Old!, to);
            WriteFlag(OldOnly, to);
        }
    }

    public Change<TValue> Deserialize(ReadOnlySpan<byte> from)
    {
        if (from.Length == 0)
            throw new FormatException("A table's change ends in a flag byte; there are no bytes.");

        var flag = from[^1];
        var isLatest = true;
        from = from[..^1];
        if (flag is >= WithLatest and <= WithLatest + Both)
        {
            if (from.Length == 0 || from[^1] > 1)
                throw new FormatException($"A table's change with flag {flag} has a byte of 0 or 1 before the flag.");
            isLatest = from[^1] == 1;
            from = from[..^1];
            flag -= WithLatest;
        }

        switch (flag)
        {
            case OldOnly:
                return new(default, false, inner.Deserialize(from), true, isLatest);
            case NewOnly:
                return new(inner.Deserialize(from), true, default, false, isLatest);
            case Both:
                var length = ReadLength(ref from);
                if (length > from.Length)
                    throw new FormatException($"A table's change says that its new value has {length} bytes; there are {from.Length}.");
                return new(inner.Deserialize(from[..length]), true, inner.Deserialize(from[length..]), true, isLatest);
            default:
                throw new FormatException($"A table's change ends in a flag from 0 to 5, not {flag}: was the record written by something else?");
        }
    }

    private static void WriteFlag(byte flag, IBufferWriter<byte> to)
    {
        to.GetSpan(1)[0] = flag;
        to.Advance(1);
    }

    private static void WriteLength(int length, IBufferWriter<byte> to)
    {
        var bits = (uint)length << 1;
        var room = to.GetSpan(5);
        var i = 0;
        for (; bits >= 0x80; bits >>= 7)
            room[i++] = (byte)(bits | 0x80);
        room[i++] = (byte)bits;
        to.Advance(i);
    }

    private static int ReadLength(ref ReadOnlySpan<byte> from)
    {
        uint bits = 0;
        for (var i = 0; i < 5 && i < from.Length; i++)
        {
            bits |= (from[i] & 0x7Fu) << (7 * i);
            if (from[i] < 0x80)
            {
                from = from[(i + 1)..];
                return (bits & 1) == 0 ? (int)(bits >> 1) : throw new FormatException("A table's change has a negative length.");
            }
        }

        throw new FormatException("A table's change starts with a length of at most five bytes; this one does not end.");
    }
}
