using System.Buffers;

namespace Kafka.Protocol;

/// <summary>A growing buffer from the pool with a limit: decompression writes here, so a small input cannot claim all memory.</summary>
internal sealed class PooledBuffer(int bytesMax) : IBufferWriter<byte>, IDisposable
{
    private const int FirstCapacity = 4096;

    private byte[] _buffer = [];
    private int _position;

    public ReadOnlySpan<byte> Written => _buffer.AsSpan(0, _position);

    public int Length => _position;

    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        if (sizeHint > _buffer.Length - _position || _position == _buffer.Length)
            Grow(sizeHint);
        return _buffer.AsMemory(_position);
    }

    public Span<byte> GetSpan(int sizeHint = 0) => GetMemory(sizeHint).Span;

    public void Advance(int count)
    {
        // Room beyond the limit may be asked for; using it is what fails.
        if (count > bytesMax - _position)
            throw new ProtocolException($"A batch decompresses to more than the {bytesMax} bytes allowed.");
        _position += count;
    }

    public void Dispose()
    {
        Release();
        _buffer = [];
        _position = 0;
    }

    private void Grow(int sizeHint)
    {
        var wanted = Math.Max((long)_position + Math.Max(sizeHint, 1), Math.Max(FirstCapacity, 2L * _buffer.Length));
        var larger = ArrayPool<byte>.Shared.Rent((int)Math.Min(wanted, Array.MaxLength));
        Written.CopyTo(larger);
        Release();
        _buffer = larger;
    }

    private void Release()
    {
        if (_buffer.Length > 0)
            ArrayPool<byte>.Shared.Return(_buffer);
    }
}
