using Microsoft.Win32.SafeHandles;

namespace Cli.Client;

/// <summary>Standard output in blocks, which notices when its reader has gone.</summary>
/// <remarks><see cref="Console.Out"/> swallows a broken pipe, so that <c>streams tail | head -1</c> would never end.</remarks>
internal sealed class StandardOutput : Stream
{
    private const int BufferBytes = 64 << 10;
    private const int StandardOutputHandle = 1;

    private readonly BufferedStream _inner = new(
        new FileStream(new SafeFileHandle(StandardOutputHandle, ownsHandle: false), FileAccess.Write, bufferSize: 0), BufferBytes);

    public override bool CanRead => false;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override void Flush() => Try(() => _inner.Flush());

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        try
        {
            _inner.Write(buffer);
        }
        catch (IOException e)
        {
            throw new ReaderGoneException(e);
        }
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    private static void Try(Action write)
    {
        try
        {
            write();
        }
        catch (IOException e)
        {
            throw new ReaderGoneException(e);
        }
    }
}
