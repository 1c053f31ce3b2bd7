using System.ComponentModel;
using System.Runtime.InteropServices;

namespace Cli.Client;

/// <summary>Standard output in blocks, which notices when its reader has gone.</summary>
/// <remarks>
/// Written with <c>write(2)</c>, since neither of the platform's streams will do: <see cref="Console.Out"/> swallows a broken pipe, so that
/// <c>streams tail | head -1</c> would never end; a <see cref="FileStream"/> on a file keeps a position of its own, so that in
/// <c>{ streams nodes; streams alerts; } &gt; file</c> the second would write over the first.
/// </remarks>
internal sealed partial class StandardOutput : Stream
{
    private const int BufferBytes = 64 << 10;

    private readonly BufferedStream _inner = new(new Descriptor(), BufferBytes);

    public override bool CanRead => false;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override void Flush() => _inner.Flush();

    public override void Write(byte[] buffer, int offset, int count) => _inner.Write(buffer, offset, count);

    public override void Write(ReadOnlySpan<byte> buffer) => _inner.Write(buffer);

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    /// <summary>File descriptor 1, unbuffered.</summary>
    private sealed partial class Descriptor : Stream
    {
        private const int StandardOutputDescriptor = 1;
        private const int Interrupted = 4; // EINTR, the same number on Linux and macOS.
        private const int BrokenPipe = 32; // EPIPE, likewise.

        public override bool CanRead => false;

        public override bool CanSeek => false;

        public override bool CanWrite => true;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public override void Flush()
        {
        }

        public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

        public override void Write(ReadOnlySpan<byte> buffer)
        {
            while (buffer.Length > 0)
            {
                var written = WriteSome(StandardOutputDescriptor, buffer, (nuint)buffer.Length);
                if (written >= 0)
                {
                    buffer = buffer[(int)written..];
                    continue;
                }

                var error = Marshal.GetLastPInvokeError();
                if (error == BrokenPipe)
                    throw new ReaderGoneException(new Win32Exception(error));
                if (error != Interrupted)
                    throw new ClientFault($"cannot write to standard output: {Marshal.GetPInvokeErrorMessage(error)}.", new Win32Exception(error));
            }
        }

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        [LibraryImport("libc", EntryPoint = "write", SetLastError = true)]
        private static partial nint WriteSome(int descriptor, ReadOnlySpan<byte> bytes, nuint count);
    }
}
