namespace Kafka.Protocol;

/// <summary>How a batch's records are compressed: the lowest three bits of its attributes.</summary>
public enum CompressionCodec
{
    /// <summary>Not compressed.</summary>
    None = 0,

    /// <summary>gzip, RFC 1952.</summary>
    Gzip = 1,

    /// <summary>Snappy, in the Java library's framing; raw blocks are read too.</summary>
    Snappy = 2,

    /// <summary>The LZ4 frame format with independent blocks.</summary>
    Lz4 = 3,

    /// <summary>Zstandard; clients need Produce v7 and Fetch v10.</summary>
    Zstd = 4,
}
