namespace Kafka.Protocol;

/// <summary>Walks a batch's records in place.</summary>
/// <remarks>
/// A record: varint length, attributes byte, varlong timestamp delta, varint offset delta, key and value with varint lengths (-1 for none),
/// varint header count, headers.
/// </remarks>
public ref struct RecordEnumerator
{
    private readonly long _baseOffset;
    private readonly int _lastOffsetDelta;
    private readonly long _baseTimestamp;
    private readonly long? _appendTime;
    private RecordFields _fields;
    private int _left;
    private int _lastDelta = -1;

    internal RecordEnumerator(RecordBatchHeader header, ReadOnlySpan<byte> records)
    {
        _baseOffset = header.BaseOffset;
        _lastOffsetDelta = header.LastOffsetDelta;
        _baseTimestamp = header.BaseTimestamp;
        _appendTime = header.IsLogAppendTime ? header.MaxTimestamp : null;
        _fields = new RecordFields(records);
        _left = header.Count;
    }

    /// <summary>The record that <see cref="MoveNext"/> went to.</summary>
    public RecordView Current { get; private set; }

    /// <summary>Goes to the next record.</summary>
    /// <exception cref="ProtocolException">The record is damaged, or bytes follow the last one.</exception>
    public bool MoveNext()
    {
        if (_left <= 0)
        {
            return _fields.Remaining == 0
                ? false
                : throw new ProtocolException($"{_fields.Remaining} bytes follow the last record of the batch at offset {_baseOffset}.");
        }

        _left--;
        var record = new RecordFields(_fields.Read(_fields.ReadVarint()));
        record.Read(1); // attributes: none are in use
        var timestampDelta = record.ReadVarlong();
        var offsetDelta = record.ReadVarint();
        if (offsetDelta <= _lastDelta || offsetDelta > _lastOffsetDelta)
            throw new ProtocolException($"A record's offset delta {offsetDelta} is out of order in the batch at offset {_baseOffset}.");
        _lastDelta = offsetDelta;
        var key = record.ReadBytes(out var hasKey);
        var value = record.ReadBytes(out var hasValue);
        var headerCount = record.ReadVarint();
        var headers = record.Rest;
        if (headerCount < 0 || headerCount > headers.Length / 2)
            throw new ProtocolException($"A record claims {headerCount} headers in {headers.Length} bytes.");
        for (var i = 0; i < headerCount; i++)
        {
            record.ReadBytes(out var named);
            if (!named)
                throw new ProtocolException("A record's header has no name.");
            record.ReadBytes(out _);
        }

        if (record.Remaining != 0)
            throw new ProtocolException($"{record.Remaining} bytes follow the last field of the record at offset {_baseOffset + offsetDelta}.");
        var timestamp = _appendTime ?? unchecked(_baseTimestamp + timestampDelta);
        Current = new RecordView(_baseOffset + offsetDelta, timestamp, hasKey, key, hasValue, value, headerCount, headers);
        return true;
    }
}
