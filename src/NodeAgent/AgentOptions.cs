using System.ComponentModel.DataAnnotations;
using Metrics.Admin;

namespace NodeAgent;

/// <summary>Who a node agent is, what it reads, where it keeps its queue and to whom it ships.</summary>
public sealed class AgentOptions : IValidatableObject
{
    /// <summary>The node this agent speaks for; key of all it sends. Default: the machine's name.</summary>
    [Required, StringLength(255, MinimumLength = 1)]
    public string NodeId { get; set; } = Environment.MachineName;

    /// <summary>Gateways, as <c>http://host:port</c>; the next is tried where one fails. Default <c>http://127.0.0.1:7070</c>.</summary>
    [Required, MinLength(1)]
    public IReadOnlyList<string> Gateways { get; set; } = ["http://127.0.0.1:7070"];

    /// <summary>Globs of the files to read: <c>*</c>, <c>?</c>, <c>[a-z]</c> within a name, <c>**</c> for any folders. Default none.</summary>
    [Required]
    public IReadOnlyList<string> Tail { get; set; } = [];

    /// <summary>Globs of files to leave alone, matched against the name without its folder. Default: compressed files.</summary>
    [Required]
    public IReadOnlyList<string> Exclude { get; set; } = ["*.gz", "*.bz2", "*.xz", "*.zst", "*.zip"];

    /// <summary>How the lines of tailed files are written. Default <see cref="LineFormat.Plain"/>.</summary>
    public LineFormat Format { get; set; } = LineFormat.Plain;

    /// <summary>Where reading starts in a file that is seen for the first time. Default its beginning.</summary>
    public TailFrom From { get; set; } = TailFrom.Beginning;

    /// <summary>Service that the lines of tailed files are put down to. Default: the container's name, else the file's up to its first dot.</summary>
    [StringLength(255)]
    public string? Service { get; set; }

    /// <summary>Folder of the disk queue; created where missing, owned by one agent at a time. Default <c>data/agent</c>.</summary>
    [Required]
    public string DataDirectory { get; set; } = Path.Combine("data", "agent");

    /// <summary>Time between heartbeats; sent along, so that the monitor knows when the next is due. Default 5 s.</summary>
    [Range(typeof(TimeSpan), "00:00:00.050", "01:00:00")]
    public TimeSpan HeartbeatInterval { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>Facts about the node that heartbeats carry: zone, role. Default none.</summary>
    [Required]
    public IReadOnlyDictionary<string, string> Labels { get; set; } = new Dictionary<string, string>();

    /// <summary>Services that run on the node, for heartbeats. Default none.</summary>
    [Required]
    public IReadOnlyList<string> Services { get; set; } = [];

    /// <summary>Version that heartbeats report. Default: the agent's own.</summary>
    [Required]
    public string Version { get; set; } = typeof(AgentOptions).Assembly.GetName().Version?.ToString(3) ?? "0";

    /// <summary>The disk queue's bounds.</summary>
    [Required]
    public QueueOptions Queue { get; set; } = new();

    /// <summary>How files are found and read.</summary>
    [Required]
    public ReadOptions Read { get; set; } = new();

    /// <summary>How records travel to the gateway.</summary>
    [Required]
    public ShipOptions Ship { get; set; } = new();

    /// <summary>How a .NET service's own logs enter the queue.</summary>
    [Required]
    public LoggerOptions Logger { get; set; } = new();

    /// <summary>Time given at shutdown to ship what is queued; the rest stays on disk for the next start. Default 5 s.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:05:00")]
    public TimeSpan DrainTimeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// Where an agent in a process of its own answers for metrics and health. Port 0 takes any free one. Default <c>127.0.0.1:9472</c>. A
    /// service that an agent is part of answers for itself.
    /// </summary>
    [Required]
    public AdminOptions Admin { get; set; } = new() { Port = 9472 };

    /// <summary>Checks what attributes cannot say.</summary>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        foreach (var gateway in Gateways ?? [])
        {
            if (!Uri.TryCreate(gateway, UriKind.Absolute, out var uri) || uri.Scheme is not ("http" or "https"))
                yield return new($"'{gateway}' is not a gateway's address; write http://host:port.", [nameof(Gateways)]);
        }

        if ((Tail ?? []).Concat(Exclude ?? []).Any(string.IsNullOrWhiteSpace))
            yield return new("A glob is empty; name the files to read, such as /var/log/*.log.", [nameof(Tail)]);

        if (Queue is { } queue && queue.BytesMax < 2L * queue.SegmentBytes)
        {
            yield return new(
                $"Queue:BytesMax ({queue.BytesMax}) must hold at least two segments of Queue:SegmentBytes ({queue.SegmentBytes}).",
                [nameof(Queue)]);
        }
    }
}

/// <summary>How the lines of tailed files are written.</summary>
public enum LineFormat
{
    /// <summary>A line is a message.</summary>
    Plain,

    /// <summary>
    /// Time, stream and a mark stand before the message, as container runtimes write it: they become the record's time, <c>log.iostream</c> and
    /// <c>log.continued</c>, and the path's names <c>k8s.namespace.name</c>, <c>k8s.pod.name</c> and <c>k8s.container.name</c>. Any other line is taken as it stands.
    /// </summary>
    Cri,
}

/// <summary>Where reading starts in a file that is seen for the first time.</summary>
public enum TailFrom
{
    /// <summary>At its first line: nothing in it is missed.</summary>
    Beginning,

    /// <summary>After what files held when the agent first started; files that appear later are read in full.</summary>
    End,
}

/// <summary>The disk queue's bounds.</summary>
public sealed class QueueOptions
{
    /// <summary>Bytes that the queue may take on disk; at the bound, reading files pauses. Default 1 GiB.</summary>
    [Range(64 << 10, long.MaxValue)]
    public long BytesMax { get; set; } = 1L << 30;

    /// <summary>Bytes after which a new segment file is begun; acknowledged segments are deleted whole. Default 16 MiB.</summary>
    [Range(16 << 10, 1 << 30)]
    public int SegmentBytes { get; set; } = 16 << 20;

    /// <summary>Longest time that queued records are on disk only in the system's cache: lost in a power cut, not in a crash. Default 1 s.</summary>
    [Range(typeof(TimeSpan), "00:00:00.010", "00:10:00")]
    public TimeSpan FlushInterval { get; set; } = TimeSpan.FromSeconds(1);
}

/// <summary>How files are found and read.</summary>
public sealed class ReadOptions
{
    /// <summary>Time between looks for new, renamed and deleted files. Default 1 s; the system's change notices come sooner.</summary>
    [Range(typeof(TimeSpan), "00:00:00.010", "00:10:00")]
    public TimeSpan ScanInterval { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>Time between looks at open files where the system gives no change notices. Default 50 ms.</summary>
    [Range(typeof(TimeSpan), "00:00:00.005", "00:01:00")]
    public TimeSpan PollInterval { get; set; } = TimeSpan.FromMilliseconds(50);

    /// <summary>How long a last line without line end must be quiet before it is shipped as it stands. Default 1 s.</summary>
    [Range(typeof(TimeSpan), "00:00:00.010", "00:10:00")]
    public TimeSpan PartialLineTimeout { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>How long a renamed or deleted file must be quiet before it is let go. Default 5 s.</summary>
    [Range(typeof(TimeSpan), "00:00:00.010", "01:00:00")]
    public TimeSpan RotatedQuietTime { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>Bytes of one message; a longer line is cut there and marked. Default 256 KiB.</summary>
    [Range(1 << 10, 1 << 20)]
    public int RecordBytesMax { get; set; } = 256 << 10;

    /// <summary>Files followed at once; more are left alone with a warning until others go. Default 1,024.</summary>
    [Range(1, 100_000)]
    public int FilesMax { get; set; } = 1024;
}

/// <summary>How records travel to the gateway.</summary>
public sealed class ShipOptions
{
    /// <summary>Records in one batch at most; the gateway may ask for less. Default 2,000.</summary>
    [Range(1, 100_000)]
    public int BatchRecordsMax { get; set; } = 2_000;

    /// <summary>Bytes in one batch at most, unless a single record has more. Default 1 MiB.</summary>
    [Range(1 << 10, 3 << 20)]
    public int BatchBytesMax { get; set; } = 1 << 20;

    /// <summary>Batches sent and not yet acknowledged; the gateway may ask for fewer. Default 8.</summary>
    [Range(1, 1_000)]
    public int UnacknowledgedBatchesMax { get; set; } = 8;

    /// <summary>Time to wait for a welcome, or for any acknowledgement while batches wait for one, before trying anew. Default 30 s.</summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "00:10:00")]
    public TimeSpan AnswerTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>First pause after no gateway could be reached; it doubles from there, with jitter. Default 100 ms.</summary>
    [Range(typeof(TimeSpan), "00:00:00.001", "00:01:00")]
    public TimeSpan RetryDelayMin { get; set; } = TimeSpan.FromMilliseconds(100);

    /// <summary>Longest pause between tries. Default 5 s.</summary>
    [Range(typeof(TimeSpan), "00:00:00.010", "00:10:00")]
    public TimeSpan RetryDelayMax { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>Seed of the jitter; printed at start. Default: drawn at random.</summary>
    public int? Seed { get; set; }
}

/// <summary>How a .NET service's own logs enter the queue.</summary>
public sealed class LoggerOptions
{
    /// <summary>Records waiting in memory for the disk queue's one writer. Default 8,192.</summary>
    [Range(1, 1_000_000)]
    public int BufferRecordsMax { get; set; } = 8_192;

    /// <summary>Bytes waiting in memory for the disk queue's one writer. Default 16 MiB.</summary>
    [Range(1 << 10, 1 << 30)]
    public int BufferBytesMax { get; set; } = 16 << 20;

    /// <summary>What a log call does at these bounds, which it reaches when the disk queue is full. Default: drop and count.</summary>
    public FullBehavior WhenFull { get; set; } = FullBehavior.Drop;
}

/// <summary>What a log call does when its buffer is full.</summary>
public enum FullBehavior
{
    /// <summary>The record is dropped and counted; the service goes on.</summary>
    Drop,

    /// <summary>The call waits for room: the service slows to the disk queue's pace.</summary>
    Wait,
}
