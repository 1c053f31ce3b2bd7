using System.Buffers;

namespace Kafka.Protocol;

/// <summary>Reads the varint-coded fields of records; malformed bytes end in a <see cref="ProtocolException"/>.</summary>
internal ref struct RecordFields(ReadOnlySpan<byte> bytes)
{
    private readonly ReadOnlySpan<byte> _bytes = bytes;
    private int _position;

    public readonly int Remaining => _bytes.Length - _position;

    public readonly ReadOnlySpan<byte> Rest => _bytes[_position..];

    public int ReadVarint()
    {
        if (Varint.Read(Rest, out var value, out var read) != OperationStatus.Done)
            throw Damaged();
        _position += read;
        return value;
    }

    public long ReadVarlong()
    {
        if (Varint.ReadLong(Rest, out var value, out var read) != OperationStatus.Done)
            throw Damaged();
        _position += read;
        return value;
    }

    public ReadOnlySpan<byte> Read(int count)
    {
        if ((uint)count > (uint)Remaining)
            throw Damaged();
        var taken = _bytes.Slice(_position, count);
        _position += count;
        return taken;
    }

    /// <summary>Reads bytes with their length in front, -1 for none.</summary>
    public ReadOnlySpan<byte> ReadBytes(out bool present)
    {
        var length = ReadVarint();
        present = length != -1;
        return present ? Read(length) : default;
    }

    private static ProtocolException Damaged() => new("A record's fields run past its end or make no sense.");
}
