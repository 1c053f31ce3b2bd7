using System.ComponentModel.DataAnnotations;
using Metrics.Admin;

namespace Broker;

/// <summary>Where the broker listens, what it keeps and where its bounds are.</summary>
public sealed class BrokerOptions : IValidatableObject
{
    /// <summary>Folder that holds all of the broker's data; created where missing, used by one broker at a time. Kafka's <c>log.dirs</c>.</summary>
    [Required]
    public string DataDirectory { get; set; } = "";

    /// <summary>Address to listen on. Default <c>127.0.0.1</c>: this machine only. Kafka's <c>listeners</c>.</summary>
    [Required]
    public string Host { get; set; } = "127.0.0.1";

    /// <summary>Port to listen on; 0 takes any free one. Default 9092. Kafka's <c>listeners</c>.</summary>
    [Range(0, 65535)]
    public int Port { get; set; } = 9092;

    /// <summary>
    /// Host name that clients are told to connect to; they must be able to resolve it. Default: <see cref="Host"/>, or the
    /// machine's name where that is a wildcard. Kafka's <c>advertised.listeners</c>.
    /// </summary>
    public string? AdvertisedHost { get; set; }

    /// <summary>Port that clients are told to connect to. Default: the port listened on. Kafka's <c>advertised.listeners</c>.</summary>
    [Range(1, 65535)]
    public int? AdvertisedPort { get; set; }

    /// <summary>This broker's number in the metadata. Default 1. Kafka's <c>node.id</c>.</summary>
    [Range(0, int.MaxValue)]
    public int NodeId { get; set; } = 1;

    /// <summary>Whether a client that asks for an unknown topic brings it into being. Default true. Kafka's <c>auto.create.topics.enable</c>.</summary>
    public bool AutoCreateTopics { get; set; } = true;

    /// <summary>Partitions of a topic created without a number. Default 1. Kafka's <c>num.partitions</c>.</summary>
    [Range(1, 10_000)]
    public int DefaultPartitions { get; set; } = 1;

    /// <summary>Most partitions of all topics together; creating more is refused. Default 10,000.</summary>
    [Range(1, 100_000)]
    public int PartitionsMax { get; set; } = 10_000;

    /// <summary>When data is forced to disk. Default <see cref="FlushPolicy.Os"/>.</summary>
    [EnumDataType(typeof(FlushPolicy))]
    public FlushPolicy Flush { get; set; } = FlushPolicy.Os;

    /// <summary>Longest time written data waits for its fsync under <see cref="FlushPolicy.Os"/>. Default 1 s. Kafka's <c>log.flush.interval.ms</c>.</summary>
    [Range(typeof(TimeSpan), "00:00:00.010", "01:00:00")]
    public TimeSpan FlushInterval { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>Size in bytes at which a segment is closed and the next begun. Default 128 MiB. Kafka's <c>log.segment.bytes</c>.</summary>
    [Range(1 << 10, int.MaxValue)]
    public int SegmentBytes { get; set; } = 128 << 20;

    /// <summary>Age at which a segment is closed even if it is small. Default 7 days. Kafka's <c>log.roll.ms</c>.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "3650.00:00:00")]
    public TimeSpan SegmentAge { get; set; } = TimeSpan.FromDays(7);

    /// <summary>
    /// Age after which a segment's records go, counted from its newest record; null keeps them for ever. Default 7 days.
    /// Kafka's <c>log.retention.ms</c>.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00.001", "36500.00:00:00")]
    public TimeSpan? RetentionAge { get; set; } = TimeSpan.FromDays(7);

    /// <summary>Most bytes a partition keeps, counted in whole segments; −1 (default) for no limit. Kafka's <c>log.retention.bytes</c>.</summary>
    [Range(-1L, long.MaxValue)]
    public long RetentionBytes { get; set; } = -1;

    /// <summary>Time between two looks at what has outlived its retention. Default 5 minutes. Kafka's <c>log.retention.check.interval.ms</c>.</summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "1.00:00:00")]
    public TimeSpan RetentionSweepInterval { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>Largest record batch in bytes, its 12 bytes of log overhead included. Default 1,048,588. Kafka's <c>message.max.bytes</c>.</summary>
    [Range(1 << 10, 1 << 30)]
    public int MessageBytesMax { get; set; } = 1_048_588;

    /// <summary>Largest request in bytes; a larger one ends its connection before anything is allocated for it. Default 100 MiB. Kafka's <c>socket.request.max.bytes</c>.</summary>
    [Range(1 << 16, 1 << 30)]
    public int RequestBytesMax { get; set; } = 100 << 20;

    /// <summary>Most bytes of requests in memory at once; further ones wait unread in their sockets. Default 256 MiB. Kafka's <c>queued.max.request.bytes</c>.</summary>
    [Range(1L << 20, 1L << 40)]
    public long RequestBytesInFlightMax { get; set; } = 256L << 20;

    /// <summary>Most bytes in one answer to a fetch, whatever the client asks for. Default 55 MiB. Kafka's <c>fetch.max.bytes</c>.</summary>
    [Range(1 << 10, 1 << 30)]
    public int FetchBytesMax { get; set; } = 55 << 20;

    /// <summary>Most connections at once; a further one is closed at once and counted. Default 2,000. Kafka's <c>max.connections</c>.</summary>
    [Range(1, 1_000_000)]
    public int ConnectionsMax { get; set; } = 2_000;

    /// <summary>How long a connection may be silent before it is closed. Default 10 minutes. Kafka's <c>connections.max.idle.ms</c>.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "1.00:00:00")]
    public TimeSpan ConnectionIdleTimeout { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>How long an idle producer's sequence numbers are remembered. Default 24 hours. Kafka's <c>producer.id.expiration.ms</c>.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "365.00:00:00")]
    public TimeSpan ProducerIdExpiration { get; set; } = TimeSpan.FromHours(24);

    /// <summary>Most idempotent producers remembered per partition; the one idle for longest makes room. Default 100,000.</summary>
    [Range(100, 10_000_000)]
    public int ProducersPerPartitionMax { get; set; } = 100_000;

    /// <summary>How long a group that was empty waits for further members before its first assignment. Default 50 ms. Kafka's <c>group.initial.rebalance.delay.ms</c>.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:05:00")]
    public TimeSpan GroupInitialRebalanceDelay { get; set; } = TimeSpan.FromMilliseconds(50);

    /// <summary>Shortest session timeout a group member may ask for. Default 6 s. Kafka's <c>group.min.session.timeout.ms</c>.</summary>
    [Range(typeof(TimeSpan), "00:00:00.001", "1.00:00:00")]
    public TimeSpan GroupSessionTimeoutMin { get; set; } = TimeSpan.FromSeconds(6);

    /// <summary>Longest session timeout a group member may ask for. Default 30 minutes. Kafka's <c>group.max.session.timeout.ms</c>.</summary>
    [Range(typeof(TimeSpan), "00:00:00.001", "1.00:00:00")]
    public TimeSpan GroupSessionTimeoutMax { get; set; } = TimeSpan.FromMinutes(30);

    /// <summary>Most members of one group; a further one is refused. Default 1,000. Kafka's <c>group.max.size</c>.</summary>
    [Range(1, 100_000)]
    public int GroupMembersMax { get; set; } = 1_000;

    /// <summary>How long the committed offsets of an empty group are kept. Default 7 days. Kafka's <c>offsets.retention.minutes</c>.</summary>
    [Range(typeof(TimeSpan), "00:01:00", "3650.00:00:00")]
    public TimeSpan OffsetsRetention { get; set; } = TimeSpan.FromDays(7);

    /// <summary>Where a broker in a host of its own answers for metrics and health. Port 0 takes any free one. Default <c>127.0.0.1:9473</c>.</summary>
    [Required]
    public AdminOptions Admin { get; set; } = new() { Port = 9473 };

    /// <summary>What the attributes cannot say: how settings fit together.</summary>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (GroupSessionTimeoutMin > GroupSessionTimeoutMax)
            yield return new($"GroupSessionTimeoutMin ({GroupSessionTimeoutMin}) is above GroupSessionTimeoutMax ({GroupSessionTimeoutMax}).");
        if (RequestBytesMax > RequestBytesInFlightMax)
            yield return new($"RequestBytesMax ({RequestBytesMax}) is above RequestBytesInFlightMax ({RequestBytesInFlightMax}); such a request would wait for ever.");
        if (MessageBytesMax > RequestBytesMax)
            yield return new($"MessageBytesMax ({MessageBytesMax}) is above RequestBytesMax ({RequestBytesMax}); such a batch could never arrive.");
    }
}
