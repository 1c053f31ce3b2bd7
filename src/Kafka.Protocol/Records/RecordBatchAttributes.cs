namespace Kafka.Protocol;

/// <summary>The attribute bits of a record batch.</summary>
[Flags]
public enum RecordBatchAttributes : short
{
    /// <summary>Uncompressed, stamped by the producer, outside any transaction.</summary>
    None = 0,

    /// <summary>The bits that hold the <see cref="CompressionCodec"/>.</summary>
    CodecMask = 0x07,

    /// <summary>The broker stamped the batch: every record's time is <see cref="RecordBatchHeader.MaxTimestamp"/>.</summary>
    LogAppendTime = 0x08,

    /// <summary>Part of a transaction.</summary>
    Transactional = 0x10,

    /// <summary>Holds a marker for readers' bookkeeping, not an application's records.</summary>
    Control = 0x20,

    /// <summary>Compaction has put the time its tombstones may go into <see cref="RecordBatchHeader.BaseTimestamp"/>.</summary>
    DeleteHorizon = 0x40,
}
