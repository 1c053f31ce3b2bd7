namespace Kafka.OnConfluent;

/// <summary>How far a consumer of a group has come, looked at now and then on its own thread and read by any.</summary>
internal sealed class GroupWatch(TimeProvider time)
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    private readonly Dictionary<TopicPartition, long> _committed = [];
    private readonly Dictionary<TopicPartition, long> _readTo = [];
    private volatile PartitionView[] _partitions = [];
    private volatile int _assigned;
    private long _lookedAt = time.GetTimestamp() - time.TimestampFrequency;

    public IReadOnlyList<PartitionView> Partitions => _partitions;

    public int Assigned => _assigned;

    public bool IsDue => time.GetElapsedTime(_lookedAt) >= Interval;

    public void Committed(IEnumerable<CommittedOffset> offsets)
    {
        foreach (var offset in offsets)
            _committed[offset.TopicPartition] = offset.Offset;
    }

    /// <summary>A record of this time was read.</summary>
    public void Read(TopicPartition partition, long timestampMs) => _readTo[partition] = timestampMs;

    public void Look(IReadOnlyDictionary<TopicPartition, long> positions, int assigned, Func<TopicPartition, long?> end)
    {
        _lookedAt = time.GetTimestamp();
        var now = time.GetUtcNow().ToUnixTimeMilliseconds();
        _partitions = [.. positions.Select(position => View(position.Key, position.Value, end(position.Key), now))];
        _assigned = assigned;
    }

    /// <summary>The partitions are others' now.</summary>
    public void Forget()
    {
        _committed.Clear();
        _readTo.Clear();
        (_partitions, _assigned) = ([], 0);
    }

    private PartitionView View(TopicPartition partition, long position, long? end, long now)
    {
        long? committed = _committed.TryGetValue(partition, out var offset) ? offset : null;
        long? lag = end is { } last ? Math.Max(0, last - (committed ?? position)) : null;
        var age = lag > 0 && _readTo.TryGetValue(partition, out var read) ? Math.Max(0, now - read) : 0;
        return new(partition, lag, TimeSpan.FromMilliseconds(age), committed);
    }
}

/// <summary>One partition as its consumer saw it last.</summary>
/// <param name="Partition">The partition.</param>
/// <param name="Lag">Records behind the committed position; null where the end is not known.</param>
/// <param name="LagTime">How old the record read last is, where there are more; else zero.</param>
/// <param name="Committed">The committed position; null where this consumer knows of none.</param>
internal sealed record PartitionView(TopicPartition Partition, long? Lag, TimeSpan LagTime, long? Committed);
