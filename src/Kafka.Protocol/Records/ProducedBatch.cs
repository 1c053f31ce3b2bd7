namespace Kafka.Protocol;

/// <summary>The rules for the one batch a client may send per partition in a Produce request, v3 and up.</summary>
/// <remarks>What depends on the topic (its size limit, its time bounds, keys for compaction) and on the producer's state is the broker's to judge.</remarks>
public static class ProducedBatch
{
    /// <summary>Says whether a client's records may be appended as they are.</summary>
    /// <param name="records">The <c>records</c> of one partition.</param>
    /// <param name="produceVersion">The version of the request: zstd came with 7.</param>
    /// <param name="header">The batch's header when the answer is <see cref="ErrorCode.None"/>.</param>
    /// <param name="reason">What was wrong, for the client's <c>error_message</c>; null when nothing was.</param>
    public static ErrorCode Check(ReadOnlySpan<byte> records, short produceVersion, out RecordBatchHeader header, out string? reason)
    {
        var status = RecordBatch.Check(records, out header);
        (var error, reason) = status switch
        {
            RecordBatchStatus.Valid => CheckRules(records, header, produceVersion),
            RecordBatchStatus.BadChecksum => (ErrorCode.CorruptMessage, "The batch's CRC-32C does not fit its bytes."),
            RecordBatchStatus.BadCount => (ErrorCode.InvalidRecord, "The batch's record count and last offset delta contradict each other."),
            RecordBatchStatus.UnsupportedMagic => (ErrorCode.UnsupportedForMessageFormat,
                "Only record batches of format v2 (magic 2) are accepted; the client is older than Kafka 0.11."),
            RecordBatchStatus.NeedMoreData => (ErrorCode.CorruptMessage, $"The batch is longer than the {records.Length} bytes sent."),
            _ => (ErrorCode.CorruptMessage, "The batch's length is impossible."),
        };
        return error;
    }

    private static (ErrorCode, string?) CheckRules(ReadOnlySpan<byte> records, RecordBatchHeader header, short produceVersion)
    {
        if (header.TotalBytes != records.Length)
            return (ErrorCode.InvalidRecord, "A partition's records must be exactly one batch.");
        if (header.BaseOffset != 0)
            return (ErrorCode.InvalidRecord, $"A produced batch starts at offset 0, not {header.BaseOffset}.");
        if (header.Count == 0 || header.Count != header.LastOffsetDelta + 1)
            return (ErrorCode.InvalidRecord, $"{header.Count} records cannot span {header.LastOffsetDelta + 1L} offsets.");
        if (header.IsControl)
            return (ErrorCode.InvalidRecord, "Clients may not write control batches.");
        if (header.Codec > CompressionCodec.Zstd)
            return (ErrorCode.UnsupportedCompressionType, $"There is no codec {(int)header.Codec}.");
        if (header.Codec == CompressionCodec.Zstd && produceVersion < 7)
            return (ErrorCode.UnsupportedCompressionType, $"zstd needs Produce v7; the request is v{produceVersion}.");
        if (header.HasProducer && (header.BaseSequence < 0 || header.ProducerEpoch < 0 || header.ProducerId < 0))
            return (ErrorCode.InvalidRecord, $"Producer {header.ProducerId} sent epoch {header.ProducerEpoch} and sequence {header.BaseSequence}.");
        if (header.IsTransactional && !header.HasProducer)
            return (ErrorCode.InvalidRecord, "A transactional batch needs a producer id.");
        return (ErrorCode.None, null);
    }
}
