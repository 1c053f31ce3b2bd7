using System.Buffers;

namespace Grpc.Wire;

/// <summary>Collects what is written to it in a rented array.</summary>
internal sealed class RentedStream : Stream
{
    private const int FirstBufferBytes = 4 * 1024;

    private byte[]? _rented;
    private int _length;

    /// <summary>What was written since the last <see cref="Release"/>.</summary>
    public ReadOnlySpan<byte> Written => _rented.AsSpan(0, _length);

    public override bool CanRead => false;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => _length;

    public override long Position
    {
        get => _length;
        set => throw new NotSupportedException();
    }

    /// <summary>Forgets what was written. Disposing does not: compressors may dispose the stream that they write to.</summary>
    public void Release()
    {
        if (_rented is not null)
            ArrayPool<byte>.Shared.Return(_rented);
        (_rented, _length) = (null, 0);
    }

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        var needed = checked(_length + buffer.Length);
        if (_rented is null || needed > _rented.Length)
        {
            var larger = ArrayPool<byte>.Shared.Rent(Math.Max(needed, Math.Max(FirstBufferBytes, (int)Math.Min(2L * _length, Array.MaxLength))));
            Written.CopyTo(larger);
            if (_rented is not null)
                ArrayPool<byte>.Shared.Return(_rented);
            _rented = larger;
        }

        buffer.CopyTo(_rented.AsSpan(_length));
        _length = needed;
    }

    public override void Flush()
    {
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();
}
