using System.IO.Compression;
using Grpc.Net.Compression;

namespace Gateway.Otlp;

/// <summary>Another way to compress, whose output counts as it comes: a few bytes can hold gigabytes.</summary>
internal sealed class CountedCompression(ICompressionProvider provider, HeldRequests requests) : ICompressionProvider
{
    /// <inheritdoc/>
    public string EncodingName => provider.EncodingName;

    /// <inheritdoc/>
    public Stream CreateCompressionStream(Stream stream, CompressionLevel? compressionLevel) => provider.CreateCompressionStream(stream, compressionLevel);

    /// <inheritdoc/>
    public Stream CreateDecompressionStream(Stream stream) => new CountedStream(provider.CreateDecompressionStream(stream), requests.Current);

    private sealed class CountedStream(Stream source, HeldRequest request) : Stream
    {
        private long _bytes;

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => _bytes;
            set => throw new NotSupportedException();
        }

        public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

        public override int Read(Span<byte> buffer)
        {
            var read = source.Read(buffer);
            _bytes += read;
            request.GrowTo(_bytes);
            return read;
        }

        public override void Flush()
        {
        }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        protected override void Dispose(bool disposing)
        {
            if (disposing)
                source.Dispose();
            base.Dispose(disposing);
        }
    }
}
