using System.Buffers;
using System.Buffers.Binary;

namespace Streams;

/// <summary>Bytes being written, in one array that is used again and again. Grows to the largest record seen.</summary>
internal sealed class RecordBuffer : IBufferWriter<byte>
{
    private byte[] _bytes = new byte[1024];
    private int _length;

    public int Length => _length;

    public void Clear() => _length = 0;

    public void Truncate(int length) => _length = length;

    public ReadOnlySpan<byte> Span(int start, int length) => _bytes.AsSpan(start, length);

    public ReadOnlySpan<byte> From(int start) => _bytes.AsSpan(start, _length - start);

    /// <summary>Overwrites four bytes, big-endian: a length that was not known when its place was written.</summary>
    public void Patch(int at, int value) => BinaryPrimitives.WriteInt32BigEndian(_bytes.AsSpan(at), value);

    public void Advance(int count) => _length += count;

    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        Reserve(sizeHint);
        return _bytes.AsMemory(_length);
    }

    public Span<byte> GetSpan(int sizeHint = 0)
    {
        Reserve(sizeHint);
        return _bytes.AsSpan(_length);
    }

    private void Reserve(int count)
    {
        var needed = _length + Math.Max(count, 1);
        if (needed > _bytes.Length)
            Array.Resize(ref _bytes, Math.Max(needed, _bytes.Length * 2));
    }
}
