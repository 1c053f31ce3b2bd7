namespace Kafka.Protocol;

/// <summary>What <see cref="RecordBatch.Check"/> found at the front of some bytes.</summary>
public enum RecordBatchStatus
{
    /// <summary>A whole batch whose checksum and counts agree.</summary>
    Valid,

    /// <summary>The front of a batch: more bytes are needed. At the end of a log, a torn write.</summary>
    NeedMoreData,

    /// <summary>A length of zero: bytes that were set aside but never written.</summary>
    Unwritten,

    /// <summary>The length is smaller than a header or larger than any batch may be.</summary>
    BadLength,

    /// <summary>Not the v2 format.</summary>
    UnsupportedMagic,

    /// <summary>The checksum does not fit the bytes.</summary>
    BadChecksum,

    /// <summary>The checksum fits, but the count and the offsets contradict each other.</summary>
    BadCount,
}
