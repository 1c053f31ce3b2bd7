using System.IO.Compression;

namespace Grpc.Net.Compression;

/// <summary>A way to compress messages, by the name that both sides know it by.</summary>
public interface ICompressionProvider
{
    /// <summary>Its name in <c>grpc-encoding</c>, such as <c>gzip</c>.</summary>
    string EncodingName { get; }

    /// <summary>A stream that compresses what is written to it into another, which stays open; null for the provider's own level.</summary>
    Stream CreateCompressionStream(Stream stream, CompressionLevel? compressionLevel);

    /// <summary>A stream that reads what another gives, decompressed.</summary>
    Stream CreateDecompressionStream(Stream stream);
}
