using Rd = Confluent.Kafka;

namespace Kafka.OnConfluent;

/// <summary>What a poll brought, grouped by partition. One for a consumer's life, lent out and used again.</summary>
internal sealed class PolledRecords(RecordArena arena) : FetchedRecords
{
    private readonly List<Run> _runs = [];
    private readonly Dictionary<TopicPartition, int> _runOf = [];
    private int _runCount;
    private int _count;
    private int _last = -1;

    /// <summary>Whether a caller holds the lease.</summary>
    public bool Lent { get; private set; }

    /// <inheritdoc/>
    public override int Count => _count;

    /// <inheritdoc/>
    public override int RunCount => _runCount;

    /// <summary>The bytes of keys and values.</summary>
    public long Bytes => arena.Bytes;

    /// <inheritdoc/>
    public override TopicPartition Partition(int run) => At(run).Partition;

    /// <inheritdoc/>
    public override int RunLength(int run) => At(run).Records.Count;

    /// <inheritdoc/>
    public override RecordView Record(int run, int index)
    {
        var record = At(run).Records[index];
        return new RecordView
        {
            Offset = record.Offset,
            TimestampMs = record.TimestampMs,
            Key = record.Key.Span,
            HasKey = record.Key.Memory is not null,
            Value = record.Value.Span,
            HasValue = record.Value.Memory is not null,
            Headers = record.Headers,
        };
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        if (!Lent)
            return;
        Lent = false;
        Clear();
    }

    /// <summary>Drops what was taken.</summary>
    public void Clear()
    {
        for (var i = 0; i < _runCount; i++)
            _runs[i].Records.Clear();
        _runOf.Clear();
        (_runCount, _count, _last) = (0, 0, -1);
        arena.Clear();
    }

    /// <summary>Hands the lease to a caller.</summary>
    public PolledRecords Lend()
    {
        Lent = true;
        return this;
    }

    /// <summary>Adds a record behind those of its partition.</summary>
    public void Add(Rd.ConsumeResult<Slice, Slice> result)
    {
        var message = result.Message;
        var run = RunOf(result.Topic, result.Partition.Value);
        run.Records.Add(new StoredRecord(
            result.Offset.Value, message.Timestamp.UnixTimestampMs, message.Key, message.Value, HeadersOf(message.Headers)));
        run.Next = result.Offset.Value + 1;
        _count++;
    }

    /// <summary>Notes that the partition was read up to <paramref name="offset"/>, past what holds no records.</summary>
    /// <returns>False where the partition has no run here.</returns>
    public bool TryPass(TopicPartition partition, long offset)
    {
        if (!_runOf.TryGetValue(partition, out var run))
            return false;
        _runs[run].Next = offset;
        return true;
    }

    /// <summary>Writes down where each partition goes on, and that it has brought something.</summary>
    public void NotePositions(Dictionary<TopicPartition, long> positions, HashSet<TopicPartition> started)
    {
        for (var i = 0; i < _runCount; i++)
        {
            positions[_runs[i].Partition] = _runs[i].Next;
            started.Add(_runs[i].Partition);
        }
    }

    private Run At(int run)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(run, _runCount);
        return _runs[run];
    }

    private Run RunOf(string topic, int partition)
    {
        // The library hands records over in runs of a partition, so the last one is nearly always right.
        if (_last >= 0 && _runs[_last].Partition is var last && last.Partition == partition && last.Topic == topic)
            return _runs[_last];

        var key = new TopicPartition(topic, partition);
        if (!_runOf.TryGetValue(key, out _last))
        {
            _last = _runCount++;
            if (_last == _runs.Count)
                _runs.Add(new Run());
            _runs[_last].Partition = key;
            _runOf.Add(key, _last);
        }

        return _runs[_last];
    }

    private static RecordHeader[] HeadersOf(Rd.Headers? headers)
    {
        if (headers is null || headers.Count == 0)
            return [];

        var copy = new RecordHeader[headers.Count];
        for (var i = 0; i < copy.Length; i++)
            copy[i] = new RecordHeader(headers[i].Key, headers[i].GetValueBytes());
        return copy;
    }

    private sealed class Run
    {
        public TopicPartition Partition { get; set; }

        public List<StoredRecord> Records { get; } = [];

        public long Next { get; set; }
    }

    private readonly record struct StoredRecord(long Offset, long TimestampMs, Slice Key, Slice Value, RecordHeader[] Headers);
}
