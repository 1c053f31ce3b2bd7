using System.Buffers;
using System.Buffers.Binary;
using System.Text;
using MessagePack;

namespace Fluentd;

/// <summary>Events of one tag, sent and acknowledged together: a PackedForward message in the making.</summary>
/// <remarks>
/// <code>
/// [tag, bin of entries one after the other, {"size": N, "chunk": ID}]
/// </code>
/// The entries stand in a rented buffer with room before them for what comes first, so that the whole is one run of bytes when it
/// is sent. One writer at a time; after <see cref="Seal"/> nobody writes.
/// </remarks>
public sealed class Chunk : IDisposable
{
    /// <summary>Longest tag, in bytes.</summary>
    public const int TagBytesMax = 200;

    /// <summary>Most bytes of a message beside those of its events.</summary>
    public const int OverheadBytesMax = HeadBytesMax + OptionBytesMax;

    // array header, str8 header, bin32 header
    private const int HeadBytesMax = 1 + 2 + TagBytesMax + 5;

    // a map of two: "size" and five bytes of a number, "chunk" and 24 letters
    private const int OptionBytesMax = 1 + 5 + 5 + 6 + 2 + 24;
    private const byte Bin32 = 0xc6;

    private readonly byte[] _tag;
    private byte[] _buffer;
    private int _end = HeadBytesMax;
    private int _start;

    /// <summary>An empty one.</summary>
    /// <param name="tag">The events' tag.</param>
    /// <param name="bytes">How many bytes of message it is made for; it grows where that is too few.</param>
    /// <exception cref="ArgumentException">The tag is longer than <see cref="TagBytesMax"/>.</exception>
    public Chunk(string tag, int bytes)
    {
        _tag = Encoding.UTF8.GetBytes(tag);
        if (_tag.Length > TagBytesMax)
            throw new ArgumentException($"The tag '{tag}' has {_tag.Length} bytes; the limit is {TagBytesMax}.", nameof(tag));
        _buffer = ArrayPool<byte>.Shared.Rent(Math.Max(bytes, OverheadBytesMax));
    }

    /// <summary>What the other end acknowledges it by. The same however often it is sent.</summary>
    public string Id { get; } = Convert.ToBase64String(Guid.NewGuid().ToByteArray());

    /// <summary>Events in it.</summary>
    public int Records { get; private set; }

    /// <summary>Bytes of its events.</summary>
    public int Bytes => _end - HeadBytesMax;

    /// <summary>The message, once sealed.</summary>
    public ReadOnlyMemory<byte> Message { get; private set; }

    /// <summary>Adds an event.</summary>
    /// <param name="entry">The event as MessagePack: an array of its time and its record.</param>
    public void Add(ReadOnlySpan<byte> entry)
    {
        if (entry.Length > _buffer.Length - _end)
            Grow(entry.Length);
        entry.CopyTo(_buffer.AsSpan(_end));
        _end += entry.Length;
        Records++;
    }

    /// <summary>Makes the message of what was added. Nothing may follow.</summary>
    public void Seal()
    {
        var entries = Bytes;
        _start = HeadBytesMax - (1 + 2 + _tag.Length + 5);
        var head = _buffer.AsSpan(_start);
        head[0] = 0x93;
        head[1] = MessagePackCode.Str8;
        head[2] = (byte)_tag.Length;
        _tag.CopyTo(head[3..]);
        head = head[(3 + _tag.Length)..];
        head[0] = Bin32;
        BinaryPrimitives.WriteInt32BigEndian(head[1..], entries);

        var option = new ArrayBufferWriter<byte>(64);
        var writer = new MessagePackWriter(option);
        writer.WriteMapHeader(2);
        writer.Write("size");
        writer.Write(Records);
        writer.Write("chunk");
        writer.Write(Id);
        writer.Flush();
        if (option.WrittenCount > _buffer.Length - _end)
            Grow(option.WrittenCount);
        option.WrittenSpan.CopyTo(_buffer.AsSpan(_end));
        Message = _buffer.AsMemory(_start, _end + option.WrittenCount - _start);
    }

    /// <summary>Gives the buffer back. <see cref="Message"/> must not be in use.</summary>
    public void Dispose()
    {
        var buffer = _buffer;
        (_buffer, Message) = ([], default);
        if (buffer.Length > 0)
            ArrayPool<byte>.Shared.Return(buffer);
    }

    private void Grow(int more)
    {
        var larger = ArrayPool<byte>.Shared.Rent(checked(Math.Max(_buffer.Length * 2, _end + more)));
        _buffer.AsSpan(0, _end).CopyTo(larger);
        ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = larger;
    }
}
