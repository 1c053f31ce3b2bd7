using System.Buffers.Binary;
using System.Text;

namespace NodeAgent.Queue;

/// <summary>Reads what <see cref="ByteBuffer"/> wrote. Asking past the end is an <see cref="InvalidDataException"/>.</summary>
internal ref struct ByteReader(ReadOnlySpan<byte> bytes)
{
    private ReadOnlySpan<byte> _rest = bytes;

    public readonly int Remaining => _rest.Length;

    public ReadOnlySpan<byte> Bytes(int size)
    {
        if ((uint)size > (uint)_rest.Length)
            throw new InvalidDataException($"{size} bytes are called for where {_rest.Length} are left.");
        var taken = _rest[..size];
        _rest = _rest[size..];
        return taken;
    }

    public byte Byte() => Bytes(1)[0];

    public uint UInt32() => BinaryPrimitives.ReadUInt32LittleEndian(Bytes(sizeof(uint)));

    public ulong UInt64() => BinaryPrimitives.ReadUInt64LittleEndian(Bytes(sizeof(ulong)));

    public ulong Varint()
    {
        ulong value = 0;
        for (var shift = 0; shift < 64; shift += 7)
        {
            var b = Byte();
            value |= (ulong)(b & 0x7F) << shift;
            if (b < 0x80)
                return value;
        }

        throw new InvalidDataException("A varint is longer than 64 bits.");
    }

    public int Size()
    {
        var size = Varint();
        return size <= (ulong)_rest.Length ? (int)size : throw new InvalidDataException($"{size} bytes are called for where {_rest.Length} are left.");
    }

    public string Text() => Encoding.UTF8.GetString(Bytes(Size()));
}
