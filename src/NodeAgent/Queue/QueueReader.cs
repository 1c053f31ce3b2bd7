using Microsoft.Extensions.Logging;

namespace NodeAgent.Queue;

/// <summary>Reads the queue's records in order, from the first that is not acknowledged. For one caller at a time.</summary>
internal sealed partial class QueueReader : IDisposable
{
    private readonly DiskQueue _queue;
    private readonly ILogger _logger;
    private readonly (ulong Epoch, ulong Sequence) _after;
    private QueueSegment? _segment;
    private SegmentCursor? _cursor;

    // The current entry's records that are not yet in a batch.
    private int _recordsAt;
    private int _recordsEnd;
    private ulong _sequence;

    public QueueReader(DiskQueue queue, ILogger logger)
    {
        _queue = queue;
        _logger = logger;
        _after = queue.Acknowledged;
    }

    /// <summary>Fills <paramref name="batch"/> with what is there now, within the limits; a lone record may exceed <paramref name="bytesMax"/>.</summary>
    /// <returns>False where nothing is there.</returns>
    public bool TryRead(QueueBatch batch, int recordsMax, int bytesMax)
    {
        batch.Clear();
        while (batch.Count < recordsMax)
        {
            if (_recordsAt == _recordsEnd && !NextEntry(batch))
                break;
            if (batch.Count > 0 && (batch.Epoch != _segment!.Header.Epoch || batch.NextSequence != _sequence))
                break;
            if (!Take(batch, recordsMax, bytesMax))
                break;
        }

        return batch.Count > 0;
    }

    public void Dispose() => _cursor?.Dispose();

    private bool Take(QueueBatch batch, int recordsMax, int bytesMax)
    {
        var records = _cursor!.Payload[_recordsAt.._recordsEnd];
        var reader = new ByteReader(records);
        var taken = 0;
        var count = 0;
        while (reader.Remaining > 0 && batch.Count + count < recordsMax)
        {
            reader.Byte();
            reader.Bytes(reader.Size());
            var end = records.Length - reader.Remaining;
            if (batch.Count + count > 0 && batch.Length + end > bytesMax)
                break;
            (taken, count) = (end, count + 1);
        }

        if (count == 0)
            return false;
        batch.Add(_segment!.Header.Epoch, _sequence, records[..taken], count);
        _recordsAt += taken;
        _sequence += (ulong)count;
        return true;
    }

    // A batch is filled from one segment only where the next has the same epoch; an unread entry stays for the next batch.
    private bool NextEntry(QueueBatch batch)
    {
        while (true)
        {
            if (_cursor is null && !NextSegment())
                return false;

            // Looked at before the length: a segment that is no longer written has its final length.
            var isActive = _queue.IsActive(_segment!);
            switch (_cursor!.Next(_segment!.Length))
            {
                case EntryRead.Whole:
                    if (Enter(EntryFrame.Parts(_cursor.Payload)))
                        return true;
                    break;
                case EntryRead.End when isActive:
                    return false;
                case EntryRead.End:
                    Leave();
                    break;
                default:
                    EntryDamaged(_segment.Path, _cursor.Offset, _segment.NextSequence - Math.Max(_sequence, _segment.Header.FirstSequence));
                    _queue.GiveUp(_segment);
                    Leave();
                    break;
            }

            if (batch.Count > 0 && _cursor is null)
                return false;
        }
    }

    private bool NextSegment()
    {
        var next = _queue.SegmentFrom(_segment is null ? 0 : _segment.Header.Number + 1);
        if (next is null)
            return false;
        _segment = next;
        _cursor = new SegmentCursor(next.Path);
        _sequence = next.Header.FirstSequence;
        return true;
    }

    private void Leave()
    {
        _cursor?.Dispose();
        _cursor = null;
    }

    private bool Enter(EntryParts parts)
    {
        const int recordsAt = EntryFrame.HeaderBytes;
        (_recordsAt, _recordsEnd) = (recordsAt, recordsAt + parts.Records.Length);
        _sequence = parts.FirstSequence;

        var epoch = _segment!.Header.Epoch;
        var reader = new ByteReader(parts.Records);
        while (reader.Remaining > 0 && (epoch, _sequence).CompareTo(_after) <= 0)
        {
            reader.Byte();
            reader.Bytes(reader.Size());
            _sequence++;
        }

        _recordsAt = _recordsEnd - reader.Remaining;
        return _recordsAt < _recordsEnd;
    }

    [LoggerMessage(25, LogLevel.Error, "Queue segment {Path} is damaged at byte {Offset}: {Records} records from there are lost to the gateway; the file will be kept beside it as .damaged.")]
    private partial void EntryDamaged(string path, long offset, ulong records);
}
