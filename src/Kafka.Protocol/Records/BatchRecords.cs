namespace Kafka.Protocol;

/// <summary>The records of one batch, decompressed if need be, for <c>foreach</c>. Dispose it to give the decompression buffer back.</summary>
/// <remarks>
/// The batch's frame and checksum are taken as checked. What lies inside is not covered by any earlier check, since a producer may put the
/// right checksum on nonsense: lengths, offsets and the count are checked on the way, and damage ends in a <see cref="ProtocolException"/>.
/// </remarks>
public readonly ref struct BatchRecords
{
    /// <summary>Most bytes a batch may decompress to unless the caller says otherwise: 64 MiB.</summary>
    public const int DecompressedBytesMax = 64 << 20;

    private readonly RecordBatchHeader _header;
    private readonly ReadOnlySpan<byte> _records;
    private readonly PooledBuffer? _decompressed;

    private BatchRecords(RecordBatchHeader header, ReadOnlySpan<byte> records, PooledBuffer? decompressed)
    {
        _header = header;
        _records = records;
        _decompressed = decompressed;
    }

    /// <summary>Opens a batch's records.</summary>
    /// <param name="batch">Bytes that start with a whole batch.</param>
    /// <param name="decompressedBytesMax">The most its records may take decompressed.</param>
    /// <exception cref="ProtocolException">The batch does not decompress, or to more than allowed.</exception>
    public static BatchRecords Open(ReadOnlySpan<byte> batch, int decompressedBytesMax = DecompressedBytesMax)
    {
        var header = new RecordBatchHeader(batch);
        if (header.TotalBytes < RecordBatchHeader.Bytes || header.TotalBytes > batch.Length)
            throw new ProtocolException($"A batch claims {header.TotalBytes} of {batch.Length} bytes.");
        var body = batch[RecordBatchHeader.Bytes..(int)header.TotalBytes];
        if (header.Codec == CompressionCodec.None)
            return new BatchRecords(header, body, null);
        if (header.Count == 0)
            return new BatchRecords(header, default, null);
        var decompressed = RecordCompression.Decompress(header.Codec, body, decompressedBytesMax);
        return new BatchRecords(header, decompressed.Written, decompressed);
    }

    /// <summary>Starts at the first record.</summary>
    public RecordEnumerator GetEnumerator() => new(_header, _records);

    /// <summary>Gives the decompression buffer back; no record of this batch may be used afterwards.</summary>
    public void Dispose() => _decompressed?.Dispose();
}
