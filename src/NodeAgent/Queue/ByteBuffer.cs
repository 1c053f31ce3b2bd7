using System.Buffers.Binary;
using System.Text;

namespace NodeAgent.Queue;

/// <summary>Bytes being put together; the array grows to the largest content and is used again.</summary>
internal sealed class ByteBuffer(int capacity = 256)
{
    private byte[] _bytes = new byte[capacity];

    public int Length { get; private set; }

    public ReadOnlySpan<byte> Span => _bytes.AsSpan(0, Length);

    public ReadOnlyMemory<byte> Memory => _bytes.AsMemory(0, Length);

    public void Clear() => Length = 0;

    /// <summary>Room for <paramref name="size"/> more bytes, counted as written.</summary>
    public Span<byte> Take(int size)
    {
        if (_bytes.Length - Length < size)
            Array.Resize(ref _bytes, Math.Max(checked(Length + size), (int)Math.Min(_bytes.Length * 2L, Array.MaxLength)));
        var taken = _bytes.AsSpan(Length, size);
        Length += size;
        return taken;
    }

    /// <summary>Bytes already written, to be written over.</summary>
    public Span<byte> Written(int at, int size) => _bytes.AsSpan(0, Length).Slice(at, size);

    public void Bytes(ReadOnlySpan<byte> bytes) => bytes.CopyTo(Take(bytes.Length));

    public void Byte(byte value) => Take(1)[0] = value;

    public void UInt32(uint value) => BinaryPrimitives.WriteUInt32LittleEndian(Take(sizeof(uint)), value);

    public void UInt64(ulong value) => BinaryPrimitives.WriteUInt64LittleEndian(Take(sizeof(ulong)), value);

    /// <summary>A base-128 varint, as Protocol Buffers writes it.</summary>
    public void Varint(ulong value)
    {
        var size = VarintSize(value);
        var target = Take(size);
        for (var i = 0; i < size - 1; i++, value >>= 7)
            target[i] = (byte)(value | 0x80);
        target[size - 1] = (byte)value;
    }

    /// <summary>Text as UTF-8 after its length as a varint.</summary>
    public void Text(string text)
    {
        var size = Encoding.UTF8.GetByteCount(text);
        Varint((ulong)size);
        Encoding.UTF8.GetBytes(text, Take(size));
    }

    public static int VarintSize(ulong value) => (63 - System.Numerics.BitOperations.LeadingZeroCount(value | 1)) / 7 + 1;
}
