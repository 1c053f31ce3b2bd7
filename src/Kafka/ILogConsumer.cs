namespace Kafka;

/// <summary>Reads records from Kafka, as a member of a group or from assigned partitions.</summary>
/// <remarks>
/// One thread owns a consumer. Group events are raised inside <see cref="Poll"/>, on that thread, through
/// <see cref="IGroupListener"/>. Prefetched bytes are bounded by <see cref="ConsumerSettings.PrefetchBytesMax"/>.
/// </remarks>
public interface ILogConsumer : IDisposable
{
    /// <summary>Joins the settings' group for <paramref name="topics"/>.</summary>
    void Subscribe(IReadOnlyCollection<string> topics, IGroupListener listener);

    /// <summary>Leaves the group and drops every assignment.</summary>
    void Unsubscribe();

    /// <summary>Reads exactly these partitions from these offsets, without a group. Replaces the previous assignment.</summary>
    /// <param name="positions">Where to start; <see cref="StartOffset"/> names the symbolic ones.</param>
    void Assign(IReadOnlyCollection<(TopicPartition Partition, long Offset)> positions);

    /// <summary>The partitions that are read now.</summary>
    IReadOnlyCollection<TopicPartition> Assignment { get; }

    /// <summary>Waits for the first record at most <paramref name="timeout"/>, then takes what has arrived without waiting again.</summary>
    /// <param name="timeout">How long to wait; zero looks and returns.</param>
    /// <param name="recordsMax">At most this many records.</param>
    /// <returns>A lease on the records, by partition; dispose it before the next poll. May be empty.</returns>
    /// <exception cref="KafkaException">An error that the caller must act on; those that pass by themselves are retried within.</exception>
    FetchedRecords Poll(TimeSpan timeout, int recordsMax);

    /// <summary>Stops delivering from these partitions; the position is kept.</summary>
    void Pause(IReadOnlyCollection<TopicPartition> partitions);

    /// <summary>Delivers from these partitions again; nothing happens to those that were not paused.</summary>
    void Resume(IReadOnlyCollection<TopicPartition> partitions);

    /// <summary>Reads on from <paramref name="offset"/>.</summary>
    void Seek(TopicPartition partition, long offset);

    /// <summary>The offset of the next record that <see cref="Poll"/> would return; null before the first.</summary>
    /// <remarks>Moves past control records and gaps too: compare it, not the last record's offset, with an end offset.</remarks>
    long? Position(TopicPartition partition);

    /// <summary>The end offset last heard from the broker, without asking; null where none was heard.</summary>
    long? CachedEndOffset(TopicPartition partition);

    /// <summary>Commits positions for the group.</summary>
    /// <exception cref="KafkaException"><see cref="KafkaErrorKind.Fenced"/> where the partitions belong to others now.</exception>
    void Commit(IReadOnlyCollection<CommittedOffset> offsets, TimeSpan timeout);

    /// <summary>The group's committed positions; partitions without one are left out.</summary>
    IReadOnlyList<CommittedOffset> Committed(IReadOnlyCollection<TopicPartition> partitions, TimeSpan timeout);

    /// <summary>First offset and end offset (the offset after the last record), asked of the broker.</summary>
    (long Start, long End) Watermarks(TopicPartition partition, TimeSpan timeout);
}

/// <summary>Symbolic offsets to start from.</summary>
public static class StartOffset
{
    /// <summary>The first record that the log still holds.</summary>
    public const long Earliest = -2;

    /// <summary>After the last record.</summary>
    public const long Latest = -1;

    /// <summary>The group's committed position, or where the settings say when there is none.</summary>
    public const long Committed = -1001;
}

/// <summary>Hears of partitions coming and going. Called inside <see cref="ILogConsumer.Poll"/>.</summary>
public interface IGroupListener
{
    /// <summary>These partitions are this member's from now on, read from their committed positions.</summary>
    /// <param name="partitions">The whole new assignment.</param>
    void OnAssigned(IReadOnlyCollection<TopicPartition> partitions);

    /// <summary>These partitions go to others once the call returns; committing them is still allowed.</summary>
    void OnRevoked(IReadOnlyCollection<TopicPartition> partitions);

    /// <summary>These partitions already belong to others: commit nothing.</summary>
    void OnLost(IReadOnlyCollection<TopicPartition> partitions);
}
