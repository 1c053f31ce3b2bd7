using System.Buffers;
using System.Buffers.Binary;
using System.Text;

namespace Kafka.Protocol;

/// <summary>
/// Reads the protocol's big-endian primitives from one frame. Malformed bytes end in a <see cref="ProtocolException"/> that says where,
/// never in any other exception, and no count is believed before it is checked against the bytes left.
/// </summary>
/// <remarks>
/// A flexible version (KIP-482) writes lengths as unsigned varints plus one, 0 for null; the others as int16 or int32, -1 for null.
/// </remarks>
public ref struct ProtocolReader
{
    /// <summary>
    /// Most array elements one message may hold, at all levels together. Bounds the objects a hostile frame of tiny elements can make.
    /// </summary>
    public const int ElementsMax = 1_000_000;

    private readonly ReadOnlyMemory<byte> _source;
    private readonly ReadOnlySpan<byte> _span;
    private int _position;
    private int _elements;

    /// <summary>A reader at the front of <paramref name="source"/>. Records read from it are slices of <paramref name="source"/>, not copies.</summary>
    public ProtocolReader(ReadOnlyMemory<byte> source)
    {
        _source = source;
        _span = source.Span;
    }

    /// <summary>Bytes read.</summary>
    public readonly int Position => _position;

    /// <summary>Bytes left.</summary>
    public readonly int Remaining => _span.Length - _position;

    /// <summary>Reads a byte that is 0 for false and anything else for true.</summary>
    public bool ReadBoolean() => Take(1)[0] != 0;

    /// <summary>Reads a signed byte.</summary>
    public sbyte ReadInt8() => (sbyte)Take(1)[0];

    /// <summary>Reads a 16-bit integer.</summary>
    public short ReadInt16() => BinaryPrimitives.ReadInt16BigEndian(Take(sizeof(short)));

    /// <summary>Reads an unsigned 16-bit integer.</summary>
    public ushort ReadUInt16() => BinaryPrimitives.ReadUInt16BigEndian(Take(sizeof(ushort)));

    /// <summary>Reads a 32-bit integer.</summary>
    public int ReadInt32() => BinaryPrimitives.ReadInt32BigEndian(Take(sizeof(int)));

    /// <summary>Reads a 64-bit integer.</summary>
    public long ReadInt64() => BinaryPrimitives.ReadInt64BigEndian(Take(sizeof(long)));

    /// <summary>Reads a 128-bit id.</summary>
    public TopicId ReadTopicId() => TopicId.Read(Take(TopicId.Bytes));

    /// <summary>Reads an unsigned varint.</summary>
    public uint ReadUnsignedVarint()
    {
        switch (Varint.ReadUnsigned(_span[_position..], out var value, out var read))
        {
            case OperationStatus.Done:
                _position += read;
                return value;
            case OperationStatus.NeedMoreData:
                throw EndsEarly(1);
            default:
                throw Malformed("a varint runs past five bytes");
        }
    }

    /// <summary>Reads a string; bytes that are not UTF-8 become U+FFFD, as in Kafka.</summary>
    public string ReadString(bool flexible) => ReadNullableString(flexible) ?? throw Malformed("a string is null that may not be");

    /// <summary>Reads a string or null.</summary>
    public string? ReadNullableString(bool flexible)
    {
        var length = flexible ? ReadCompactLength() : ReadInt16();
        if (length > short.MaxValue)
            throw Malformed($"a string of {length} bytes is longer than the protocol's {short.MaxValue}");
        return length < 0 ? NullFor(length) : Encoding.UTF8.GetString(Take(length));
    }

    /// <summary>Reads bytes into an array of their own.</summary>
    public byte[] ReadBytes(bool flexible) => ReadNullableBytes(flexible) ?? throw Malformed("bytes are null that may not be");

    /// <summary>Reads bytes, or null, into an array of their own.</summary>
    public byte[]? ReadNullableBytes(bool flexible)
    {
        var length = flexible ? ReadCompactLength() : ReadInt32();
        if (length < 0)
        {
            NullFor(length);
            return null;
        }

        return Take(length).ToArray();
    }

    /// <summary>Reads records, or null, as a slice of the frame.</summary>
    public ReadOnlyMemory<byte>? ReadRecords(bool flexible)
    {
        var length = flexible ? ReadCompactLength() : ReadInt32();
        if (length < 0)
        {
            NullFor(length);
            return null;
        }

        Take(length);
        return _source.Slice(_position - length, length);
    }

    /// <summary>Reads an array's count.</summary>
    /// <param name="flexible">Whether the version is flexible.</param>
    /// <param name="elementBytesMin">The fewest bytes an element can take; the count is checked against it before anything is allocated.</param>
    public int ReadCount(bool flexible, int elementBytesMin)
    {
        var count = ReadNullableCount(flexible, elementBytesMin);
        return count < 0 ? throw Malformed("an array is null that may not be") : count;
    }

    /// <summary>Reads an array's count, -1 for null.</summary>
    /// <inheritdoc cref="ReadCount" path="/param"/>
    public int ReadNullableCount(bool flexible, int elementBytesMin)
    {
        var count = flexible ? ReadCompactLength() : ReadInt32();
        if (count < 0)
        {
            NullFor(count);
            return -1;
        }

        if (count > Remaining / elementBytesMin)
            throw Malformed($"an array claims {count} elements in the {Remaining} bytes left");
        _elements += count;
        if (_elements > ElementsMax)
            throw Malformed($"the message holds more than {ElementsMax} array elements");
        return count;
    }

    /// <summary>Reads how many tagged fields follow.</summary>
    public uint ReadTagCount()
    {
        var count = ReadUnsignedVarint();
        return count > (uint)Remaining / 2 ? throw Malformed($"{count} tagged fields cannot fit the {Remaining} bytes left") : count;
    }

    /// <summary>Reads the front of a tagged field.</summary>
    /// <returns>The position after the field, which <see cref="EndTag"/> checks.</returns>
    public int BeginTag(out uint tag)
    {
        tag = ReadUnsignedVarint();
        var size = ReadUnsignedVarint();
        return size > (uint)Remaining ? throw EndsEarly(size) : _position + (int)size;
    }

    /// <summary>Checks that a known tagged field was exactly as long as it said.</summary>
    public readonly void EndTag(int end)
    {
        if (_position != end)
            throw Malformed($"a tagged field ends at byte {_position}, not {end} as its size says");
    }

    /// <summary>Steps over a tagged field this side does not know.</summary>
    public void SkipTag(int end) => _position = end;

    /// <summary>Steps over all tagged fields of a struct that has none we know.</summary>
    public void SkipTags()
    {
        for (var left = ReadTagCount(); left > 0; left--)
            SkipTag(BeginTag(out _));
    }

    private int ReadCompactLength()
    {
        var biased = ReadUnsignedVarint();
        return biased > (uint)int.MaxValue + 1 ? throw Malformed("a length is larger than 2 GiB") : (int)(biased - 1);
    }

    private ReadOnlySpan<byte> Take(int count)
    {
        if (count > Remaining)
            throw EndsEarly((uint)count);
        var taken = _span.Slice(_position, count);
        _position += count;
        return taken;
    }

    private readonly string? NullFor(int length) => length == -1 ? null : throw Malformed($"a length of {length} means nothing");

    private readonly ProtocolException EndsEarly(uint wanted) =>
        Malformed($"the frame ends {wanted - (uint)Remaining} bytes too early");

    private readonly ProtocolException Malformed(string what) => new($"Malformed Kafka frame: at byte {_position} of {_span.Length}, {what}.");
}
