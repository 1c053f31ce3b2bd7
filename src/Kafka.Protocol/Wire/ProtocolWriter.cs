using System.Buffers;
using System.Buffers.Binary;
using System.Text;

namespace Kafka.Protocol;

/// <summary>
/// Writes the protocol's big-endian primitives into a pooled buffer that grows. Record data is not copied: it is spliced between parts of
/// the buffer, and the whole is handed out as segments for one gathering send.
/// </summary>
/// <remarks>
/// Spliced memory must stay untouched until the segments are sent. Not thread-safe. <see cref="Reset"/> makes the writer new again and keeps
/// its buffer.
/// </remarks>
public sealed class ProtocolWriter : IDisposable
{
    /// <summary>Record data shorter than this is copied: a segment of its own costs more.</summary>
    private const int SpliceBytesMin = 1024;

    private const int FirstCapacity = 512;

    /// <summary>A buffer larger than this goes back to the pool at <see cref="Reset"/>, so that one large answer is not held for ever.</summary>
    private const int KeptBytesMax = 64 * 1024;

    private readonly List<(int At, ReadOnlyMemory<byte> Data)> _splices = [];
    private byte[] _buffer = [];
    private int _position;
    private long _splicedBytes;

    /// <summary>Bytes written, spliced ones included.</summary>
    public long Length => _position + _splicedBytes;

    /// <summary>Returns the buffer to the pool.</summary>
    public void Dispose()
    {
        Reset();
        Release(_buffer);
        _buffer = [];
    }

    /// <summary>Forgets what was written.</summary>
    public void Reset()
    {
        _position = 0;
        _splicedBytes = 0;
        _splices.Clear();
        if (_buffer.Length > KeptBytesMax)
        {
            Release(_buffer);
            _buffer = [];
        }
    }

    /// <summary>Leaves room for a frame's size in front of it. Once per writer, before anything else.</summary>
    public void BeginFrame()
    {
        if (Length != 0)
            throw new InvalidOperationException("A frame begins at the front of the writer; reset it first.");
        WriteInt32(0);
    }

    /// <summary>Fills in the frame's size.</summary>
    public void EndFrame()
    {
        var size = Length - sizeof(int);
        if (size > int.MaxValue)
            throw new ProtocolException($"A frame of {size} bytes is larger than the protocol's 2 GiB.");
        BinaryPrimitives.WriteInt32BigEndian(_buffer, (int)size);
    }

    /// <summary>Adds what was written to <paramref name="segments"/>, in order. Valid until the next write, reset or dispose.</summary>
    public void AddSegmentsTo(IList<ReadOnlyMemory<byte>> segments)
    {
        ArgumentNullException.ThrowIfNull(segments);
        var from = 0;
        foreach (var (at, data) in _splices)
        {
            if (at > from)
                segments.Add(_buffer.AsMemory(from, at - from));
            segments.Add(data);
            from = at;
        }

        if (_position > from)
            segments.Add(_buffer.AsMemory(from, _position - from));
    }

    /// <summary>A copy of all that was written.</summary>
    public byte[] ToArray()
    {
        var segments = new List<ReadOnlyMemory<byte>>();
        AddSegmentsTo(segments);
        var whole = new byte[Length];
        var at = 0;
        foreach (var segment in segments)
        {
            segment.CopyTo(whole.AsMemory(at));
            at += segment.Length;
        }

        return whole;
    }

    /// <summary>Writes 1 for true, 0 for false.</summary>
    public void WriteBoolean(bool value) => Take(1)[0] = value ? (byte)1 : (byte)0;

    /// <summary>Writes a signed byte.</summary>
    public void WriteInt8(sbyte value) => Take(1)[0] = (byte)value;

    /// <summary>Writes a 16-bit integer.</summary>
    public void WriteInt16(short value) => BinaryPrimitives.WriteInt16BigEndian(Take(sizeof(short)), value);

    /// <summary>Writes an unsigned 16-bit integer.</summary>
    public void WriteUInt16(ushort value) => BinaryPrimitives.WriteUInt16BigEndian(Take(sizeof(ushort)), value);

    /// <summary>Writes a 32-bit integer.</summary>
    public void WriteInt32(int value) => BinaryPrimitives.WriteInt32BigEndian(Take(sizeof(int)), value);

    /// <summary>Writes a 64-bit integer.</summary>
    public void WriteInt64(long value) => BinaryPrimitives.WriteInt64BigEndian(Take(sizeof(long)), value);

    /// <summary>Writes a 128-bit id.</summary>
    public void WriteTopicId(TopicId value) => value.Write(Take(TopicId.Bytes));

    /// <summary>Writes an unsigned varint.</summary>
    public void WriteUnsignedVarint(uint value) => Varint.WriteUnsigned(Take(Varint.SizeOfUnsigned(value)), value);

    /// <summary>Writes a string.</summary>
    public void WriteString(string value, bool flexible) =>
        WriteNullableString(value ?? throw new ProtocolException("A string is null that may not be in this version."), flexible);

    /// <summary>Writes a string or null.</summary>
    public void WriteNullableString(string? value, bool flexible)
    {
        var length = value is null ? -1 : Encoding.UTF8.GetByteCount(value);
        if (length > short.MaxValue)
            throw new ProtocolException($"A string of {length} bytes is longer than the protocol's {short.MaxValue}.");
        if (flexible)
            WriteUnsignedVarint((uint)(length + 1));
        else
            WriteInt16((short)length);
        if (length > 0)
            Encoding.UTF8.GetBytes(value, Take(length));
    }

    /// <summary>Writes bytes.</summary>
    public void WriteBytes(byte[] value, bool flexible) =>
        WriteNullableBytes(value ?? throw new ProtocolException("Bytes are null that may not be in this version."), flexible);

    /// <summary>Writes bytes or null.</summary>
    public void WriteNullableBytes(byte[]? value, bool flexible)
    {
        WriteCount(value?.Length ?? -1, flexible);
        if (value is { Length: > 0 })
            value.CopyTo(Take(value.Length));
    }

    /// <summary>Writes records or null; all but short ones are spliced in, not copied.</summary>
    public void WriteRecords(ReadOnlyMemory<byte>? value, bool flexible)
    {
        WriteCount(value?.Length ?? -1, flexible);
        if (value is not { Length: > 0 } records)
            return;
        if (records.Length < SpliceBytesMin)
        {
            records.Span.CopyTo(Take(records.Length));
        }
        else
        {
            _splices.Add((_position, records));
            _splicedBytes += records.Length;
        }
    }

    /// <summary>Writes an array's count or the length of bytes, -1 for null.</summary>
    public void WriteCount(int count, bool flexible)
    {
        if (flexible)
            WriteUnsignedVarint((uint)(count + 1));
        else
            WriteInt32(count);
    }

    /// <summary>Writes the front of a tagged field and leaves its size open.</summary>
    /// <returns>What <see cref="EndTag"/> needs to close it.</returns>
    public int BeginTag(uint tag)
    {
        WriteUnsignedVarint(tag);
        return _position;
    }

    /// <summary>Puts the size in front of the tagged field that <see cref="BeginTag"/> opened.</summary>
    public void EndTag(int begin)
    {
        if (_splices.Count > 0 && _splices[^1].At > begin)
            throw new InvalidOperationException("A tagged field cannot hold record data.");
        var size = _position - begin;
        var prefix = Varint.SizeOfUnsigned((uint)size);
        Take(prefix);
        _buffer.AsSpan(begin, size).CopyTo(_buffer.AsSpan(begin + prefix));
        Varint.WriteUnsigned(_buffer.AsSpan(begin), (uint)size);
    }

    internal static ProtocolException CannotCarry(string message, string field, short version) =>
        new($"{message} v{version} cannot carry {field}; leave it at its default or use another version.");

    private Span<byte> Take(int count)
    {
        if (count > _buffer.Length - _position)
            Grow(count);
        var taken = _buffer.AsSpan(_position, count);
        _position += count;
        return taken;
    }

    private void Grow(int count)
    {
        var wanted = Math.Max((long)_position + count, Math.Max(FirstCapacity, 2L * _buffer.Length));
        var larger = ArrayPool<byte>.Shared.Rent((int)Math.Min(wanted, Array.MaxLength));
        if (larger.Length - _position < count)
        {
            Release(larger);
            throw new ProtocolException($"A message of more than {Array.MaxLength} bytes cannot be written.");
        }

        _buffer.AsSpan(0, _position).CopyTo(larger);
        Release(_buffer);
        _buffer = larger;
    }

    private static void Release(byte[] buffer)
    {
        if (buffer.Length > 0)
            ArrayPool<byte>.Shared.Return(buffer);
    }
}
