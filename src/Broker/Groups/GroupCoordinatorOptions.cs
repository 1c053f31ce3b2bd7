namespace Broker.Groups;

/// <summary>The bounds and times of consumer groups.</summary>
internal sealed record GroupCoordinatorOptions
{
    /// <summary>How long a group that was empty waits for further members before its first assignment. Default 50 ms. Kafka's <c>group.initial.rebalance.delay.ms</c>.</summary>
    public TimeSpan InitialRebalanceDelay { get; init; } = TimeSpan.FromMilliseconds(50);

    /// <summary>Shortest session time-out a member may ask for. Default 6 s. Kafka's <c>group.min.session.timeout.ms</c>.</summary>
    public TimeSpan SessionTimeoutMin { get; init; } = TimeSpan.FromSeconds(6);

    /// <summary>Longest session time-out a member may ask for. Default 30 minutes. Kafka's <c>group.max.session.timeout.ms</c>.</summary>
    public TimeSpan SessionTimeoutMax { get; init; } = TimeSpan.FromMinutes(30);

    /// <summary>Most groups, empty ones included; a further one is refused with COORDINATOR_NOT_AVAILABLE. Default 10,000.</summary>
    public int GroupsMax { get; init; } = 10_000;

    /// <summary>Most members of one group, those still to join included; a further one is refused with GROUP_MAX_SIZE_REACHED. Default 1,000. Kafka's <c>group.max.size</c>.</summary>
    public int MembersMax { get; init; } = 1_000;

    /// <summary>Most bytes of protocol metadata and assignment one member may bring; more is refused with INVALID_REQUEST. Default 1 MiB.</summary>
    public int MemberBytesMax { get; init; } = 1 << 20;

    /// <summary>Most committed offsets over all groups; a commit that would pass it is refused with INVALID_COMMIT_OFFSET_SIZE. Default 1,000,000.</summary>
    public int OffsetsMax { get; init; } = 1_000_000;

    /// <summary>Most bytes of text committed with an offset; more is refused with OFFSET_METADATA_TOO_LARGE. Default 4096. Kafka's <c>offset.metadata.max.bytes</c>.</summary>
    public int OffsetMetadataBytesMax { get; init; } = 4096;

    /// <summary>How long the offsets of a group without members are kept. Default 7 days. Kafka's <c>offsets.retention.minutes</c>.</summary>
    public TimeSpan OffsetsRetention { get; init; } = TimeSpan.FromDays(7);

    /// <summary>Time between two looks for offsets past their retention. Default 10 minutes. Kafka's <c>offsets.retention.check.interval.ms</c>.</summary>
    public TimeSpan OffsetsRetentionSweep { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>Bytes of journal at which it is rewritten with only what still counts. Default 16 MiB.</summary>
    public long JournalBytesMax { get; init; } = 16 << 20;

    /// <summary>When a commit is forced to disk: before its answer under <see cref="FlushPolicy.Always"/>, else every <see cref="FlushInterval"/> and at shutdown.</summary>
    public FlushPolicy Flush { get; init; } = FlushPolicy.Os;

    /// <summary>Longest time a written commit waits for its fsync under <see cref="FlushPolicy.Os"/>. Default 1 s.</summary>
    public TimeSpan FlushInterval { get; init; } = TimeSpan.FromSeconds(1);
}
