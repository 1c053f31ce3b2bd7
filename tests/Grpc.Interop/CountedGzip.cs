using System.IO.Compression;
using Grpc.Net.Compression;

namespace Grpc.Interop;

/// <summary>Gzip that says of each received message whether it came compressed, which gRPC's own API does not.</summary>
internal sealed class CountedGzip : ICompressionProvider
{
    private readonly GzipCompressionProvider _gzip = new(CompressionLevel.Fastest);
    private int _decompressed;

    public string EncodingName => _gzip.EncodingName;

    /// <summary>The count that belongs to the call at hand, on a server that serves many.</summary>
    public static AsyncLocal<StrongCount?> OfCall { get; } = new();

    /// <summary>How many messages came compressed.</summary>
    public int Decompressed => OfCall.Value?.Count ?? Volatile.Read(ref _decompressed);

    public Stream CreateCompressionStream(Stream stream, CompressionLevel? compressionLevel) =>
        _gzip.CreateCompressionStream(stream, compressionLevel);

    public Stream CreateDecompressionStream(Stream stream)
    {
        if (OfCall.Value is { } count)
            count.Count++;
        else
            Interlocked.Increment(ref _decompressed);
        return _gzip.CreateDecompressionStream(stream);
    }

    internal sealed class StrongCount
    {
        public int Count { get; set; }
    }
}
