using System.ComponentModel.DataAnnotations;
using Kafka;
using Metrics.Admin;
using Streams.Contracts;

namespace Monitor;

/// <summary>Where the monitor listens, reads and keeps its data, and how it judges nodes.</summary>
public sealed class MonitorOptions
{
    /// <summary>Address to listen on. Default <c>127.0.0.1</c>.</summary>
    [Required]
    public string Host { get; set; } = "127.0.0.1";

    /// <summary>Port of the query services. Default 7071; 0 takes any free one.</summary>
    [Range(0, 65535)]
    public int Port { get; set; } = 7071;

    /// <summary>How to reach Kafka.</summary>
    public KafkaSettings Kafka { get; set; } = new() { ClientId = "monitor" };

    /// <summary>The topics to read and write.</summary>
    public TopicNames Topics { get; set; } = new();

    /// <summary>Folder for the log store and local state; created where missing. Default <c>data/monitor</c>.</summary>
    [Required]
    public string DataDirectory { get; set; } = Path.Combine("data", "monitor");

    /// <summary>Consumer group, and prefix of the topology's own topics. Default <c>monitor</c>; Kafka Streams' <c>application.id</c>.</summary>
    [Required]
    public string ApplicationId { get; set; } = "monitor";

    /// <summary>Time between commits: how soon a record that was read can be found by a search. Default 200 ms; Kafka Streams' <c>commit.interval.ms</c>.</summary>
    [Range(typeof(TimeSpan), "00:00:00.010", "00:01:00")]
    public TimeSpan CommitInterval { get; set; } = TimeSpan.FromMilliseconds(200);

    /// <summary>The log store's bounds.</summary>
    [Required]
    public StoreOptions Store { get; set; } = new();

    /// <summary>When a node counts as late, gone or restless.</summary>
    [Required]
    public DetectionOptions Detection { get; set; } = new();

    /// <summary>The query services' bounds.</summary>
    [Required]
    public QueryOptions Queries { get; set; } = new();

    /// <summary>Where the monitor answers for metrics and health. Port 0 takes any free one. Default <c>127.0.0.1:9471</c>.</summary>
    [Required]
    public AdminOptions Admin { get; set; } = new() { Port = 9471 };
}

/// <summary>How much the log store keeps, and for how long.</summary>
public sealed class StoreOptions
{
    /// <summary>Days that logs and alerts stay searchable, by the time they were stored. Default 7; 0 keeps them for ever.</summary>
    [Range(0, 36500)]
    public int RetentionDays { get; set; } = 7;

    /// <summary>Size of the database beyond which the oldest logs go first. Default 20 GiB; 0 sets no bound.</summary>
    [Range(0, long.MaxValue)]
    public long BytesMax { get; set; } = 20L << 30;

    /// <summary>Time between looks at age and size. Default 1 minute.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "1.00:00:00")]
    public TimeSpan SweepInterval { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>Searches that run at once; one more waits for its turn. Default 4.</summary>
    [Range(1, 64)]
    public int ReadersMax { get; set; } = 4;

    /// <summary>Records held back for one transaction at most, before the next commit is due. Default 20,000.</summary>
    [Range(1, 1_000_000)]
    public int BatchRecordsMax { get; set; } = 20_000;

    /// <summary>
    /// Elasticsearch in place of the embedded store, where it names a server. Of the settings above, <see cref="RetentionDays"/> and
    /// <see cref="SweepInterval"/> hold for it too.
    /// </summary>
    [Required]
    public ElasticsearchStoreOptions Elasticsearch { get; set; } = new();
}

/// <summary>How silence is judged.</summary>
public sealed class DetectionOptions
{
    /// <summary>Missed intervals after which a node is Down; it is Suspect after the first. Default 3.</summary>
    [Range(2, 100)]
    public int MissedIntervals { get; set; } = 3;

    /// <summary>Interval assumed for a node whose heartbeats name none. Default 5 s.</summary>
    [Range(typeof(TimeSpan), "00:00:00.050", "01:00:00")]
    public TimeSpan DefaultInterval { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>How often deadlines are looked at. Default 100 ms, at most 250 ms.</summary>
    [Range(typeof(TimeSpan), "00:00:00.010", "00:00:00.250")]
    public TimeSpan TickInterval { get; set; } = TimeSpan.FromMilliseconds(100);

    /// <summary>Length of a heartbeat window. Default 1 minute.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "1.00:00:00")]
    public TimeSpan WindowSize { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>How long heartbeat windows can be queried. Default 1 day.</summary>
    [Range(typeof(TimeSpan), "00:01:00", "30.00:00:00")]
    public TimeSpan WindowRetention { get; set; } = TimeSpan.FromDays(1);

    /// <summary>Changes between Up and Down within <see cref="FlappingWindow"/> that make a node Flapping. Default 5.</summary>
    [Range(2, 32)]
    public int FlappingChanges { get; set; } = 5;

    /// <summary>Time over which changes are counted; a Flapping node is Up again once this time has passed without one. Default 10 minutes.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "1.00:00:00")]
    public TimeSpan FlappingWindow { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>How long a node that is Down or Left is remembered. Default 7 days.</summary>
    [Range(typeof(TimeSpan), "00:01:00", "365.00:00:00")]
    public TimeSpan ForgetAfter { get; set; } = TimeSpan.FromDays(7);

    /// <summary>Share of all live nodes that must be silent at once to count as an ingest outage. Default 0.5; 1 turns the guard off.</summary>
    [Range(0.05, 1.0)]
    public double MassSilenceShare { get; set; } = 0.5;

    /// <summary>Live nodes that there must be before the guard is on: half of two nodes is no mass. Default 5.</summary>
    [Range(2, int.MaxValue)]
    public int MassSilenceNodesMin { get; set; } = 5;

    /// <summary>How long the guard holds time-outs back before it believes them. Default 5 minutes.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "1.00:00:00")]
    public TimeSpan MassSilenceHoldMax { get; set; } = TimeSpan.FromMinutes(5);
}

/// <summary>Bounds of searches and live streams.</summary>
public sealed class QueryOptions
{
    /// <summary>Records waiting for one subscriber of a live stream; one more ends the stream with RESOURCE_EXHAUSTED. Default 10,000.</summary>
    [Range(1, 1_000_000)]
    public int SubscriberBufferRecords { get; set; } = 10_000;

    /// <summary>Live streams open at once; one more is refused with RESOURCE_EXHAUSTED. Default 100.</summary>
    [Range(1, 10_000)]
    public int SubscribersMax { get; set; } = 100;
}
