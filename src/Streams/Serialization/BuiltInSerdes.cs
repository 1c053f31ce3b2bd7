using System.Buffers;
using System.Buffers.Binary;
using System.Buffers.Text;
using System.Text;

namespace Streams;

internal sealed class StringSerde : ISerde<string>
{
    public void Serialize(string value, IBufferWriter<byte> to)
    {
        var room = to.GetSpan(Encoding.UTF8.GetMaxByteCount(value.Length));
        to.Advance(Encoding.UTF8.GetBytes(value, room));
    }

    public string Deserialize(ReadOnlySpan<byte> from) => Encoding.UTF8.GetString(from);
}

internal sealed class ByteArraySerde : ISerde<byte[]>
{
    public void Serialize(byte[] value, IBufferWriter<byte> to) => to.Write(value);

    public byte[] Deserialize(ReadOnlySpan<byte> from) => from.ToArray();
}

internal sealed class Int32Serde : ISerde<int>
{
    public void Serialize(int value, IBufferWriter<byte> to)
    {
        BinaryPrimitives.WriteInt32BigEndian(to.GetSpan(4), value);
        to.Advance(4);
    }

    public int Deserialize(ReadOnlySpan<byte> from) =>
        from.Length == 4 ? BinaryPrimitives.ReadInt32BigEndian(from) : throw Malformed.Length("an Int32", 4, from.Length);
}

internal sealed class Int64Serde : ISerde<long>
{
    public void Serialize(long value, IBufferWriter<byte> to)
    {
        BinaryPrimitives.WriteInt64BigEndian(to.GetSpan(8), value);
        to.Advance(8);
    }

    public long Deserialize(ReadOnlySpan<byte> from) =>
        from.Length == 8 ? BinaryPrimitives.ReadInt64BigEndian(from) : throw Malformed.Length("an Int64", 8, from.Length);
}

internal sealed class DoubleSerde : ISerde<double>
{
    public void Serialize(double value, IBufferWriter<byte> to)
    {
        BinaryPrimitives.WriteDoubleBigEndian(to.GetSpan(8), value);
        to.Advance(8);
    }

    public double Deserialize(ReadOnlySpan<byte> from) =>
        from.Length == 8 ? BinaryPrimitives.ReadDoubleBigEndian(from) : throw Malformed.Length("a Double", 8, from.Length);
}

internal sealed class GuidSerde : ISerde<Guid>
{
    private const int TextLength = 36;

    public void Serialize(Guid value, IBufferWriter<byte> to)
    {
        Utf8Formatter.TryFormat(value, to.GetSpan(TextLength), out var written);
        to.Advance(written);
    }

    public Guid Deserialize(ReadOnlySpan<byte> from) =>
        from.Length == TextLength && Utf8Parser.TryParse(from, out Guid value, out var read) && read == TextLength
            ? value
            : throw new FormatException($"A Guid is {TextLength} characters with dashes; these {from.Length} bytes are not.");
}

internal sealed class NullableSerde<T>(ISerde<T> inner) : ISerde<T?>
    where T : struct
{
    public void Serialize(T? value, IBufferWriter<byte> to) => inner.Serialize(value!.Value, to);

    public T? Deserialize(ReadOnlySpan<byte> from) => inner.Deserialize(from);
}

internal static class Malformed
{
    public static FormatException Length(string what, int expected, int actual) =>
        new($"{char.ToUpperInvariant(what[0])}{what.AsSpan(1)} takes {expected} bytes; there are {actual}.");
}
