namespace Grpc.Wire;

/// <summary>Collects what is written to it in a rented array.</summary>
internal sealed class RentedStream : Stream
{
    private readonly GatheredBytes _bytes = new();

    /// <summary>What was written since the last <see cref="Release"/>.</summary>
    public ReadOnlySpan<byte> Written => _bytes.Written.Span;

    public override bool CanRead => false;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => _bytes.Length;

    public override long Position
    {
        get => _bytes.Length;
        set => throw new NotSupportedException();
    }

    /// <summary>Forgets what was written. Disposing does not: compressors may dispose the stream that they write to.</summary>
    public void Release() => _bytes.Release();

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        buffer.CopyTo(_bytes.GetSpan(buffer.Length));
        _bytes.Advance(buffer.Length);
    }

    public override void Flush()
    {
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();
}
