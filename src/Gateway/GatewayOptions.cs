using System.ComponentModel.DataAnnotations;
using System.Net;
using Gateway.Forwarding;
using Gateway.Otlp;
using Kafka;
using Metrics.Admin;
using Streams.Contracts;

namespace Gateway;

/// <summary>Where the gateway listens, which Kafka it writes to, and where its bounds are.</summary>
public sealed class GatewayOptions : IValidatableObject
{
    /// <summary>Address to listen on: an IP address or <c>localhost</c>. Default <c>127.0.0.1</c>: this machine only.</summary>
    [Required]
    public string Host { get; set; } = "127.0.0.1";

    /// <summary>Port of the ingest service. Default 7070; 0 takes any free one.</summary>
    [Range(0, 65535)]
    public int Port { get; set; } = 7070;

    /// <summary>
    /// Whether agents need not say who they are where <see cref="Host"/> is not this machine alone. Default false: listening wider
    /// without authentication must be asked for.
    /// </summary>
    public bool AllowAnonymous { get; set; }

    /// <summary>How to reach Kafka.</summary>
    [Required]
    public KafkaSettings Kafka { get; set; } = new() { ClientId = "gateway" };

    /// <summary>The topics to write; created at start where they are missing.</summary>
    [Required]
    public TopicNames Topics { get; set; } = new();

    /// <summary>What one stream, and all of them together, may take.</summary>
    [Required]
    public IngestLimits Limits { get; set; } = new();

    /// <summary>How long a batch may wait for Kafka before its stream ends with UNAVAILABLE and the agent sends it again. Default 30 s.</summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "01:00:00")]
    public TimeSpan AcknowledgeTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>Time given at shutdown to acknowledge what is in flight. Default 5 s; what is left is sent again by its agents.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:05:00")]
    public TimeSpan DrainTimeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>Time between two attempts to reach a Kafka that does not answer. Default 1 s.</summary>
    [Range(typeof(TimeSpan), "00:00:00.050", "00:05:00")]
    public TimeSpan KafkaRetryInterval { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>How long a new stream waits for a Kafka that does not answer before it is turned away. Default 3 s; 0 turns it away at once.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:01:00")]
    public TimeSpan KafkaReadyWait { get; set; } = TimeSpan.FromSeconds(3);

    /// <summary>The Fluentd that logs and heartbeats are forwarded to, beside Kafka. Default none.</summary>
    [Required]
    public FluentdOptions Fluentd { get; set; } = new();

    /// <summary>Where the gateway answers for metrics and health. Port 0 takes any free one. Default <c>127.0.0.1:9470</c>.</summary>
    [Required]
    public AdminOptions Admin { get; set; } = new() { Port = 9470 };

    /// <summary>Checks what attributes cannot say.</summary>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (!TryAddress(out var address))
            yield return new($"Host '{Host}' is neither an IP address nor 'localhost'; 0.0.0.0 listens on every address.", [nameof(Host)]);
        else if (!IPAddress.IsLoopback(address) && !AllowAnonymous)
            yield return new($"Host {Host} is open to other machines and agents are not authenticated; set AllowAnonymous to true if that is meant.", [nameof(Host)]);
    }

    internal bool TryAddress(out IPAddress address)
    {
        if (Host == "localhost")
        {
            address = IPAddress.Loopback;
            return true;
        }

        return IPAddress.TryParse(Host, out address!);
    }
}

/// <summary>The bounds of what agents may send. Agents are told of theirs in the stream's welcome.</summary>
public sealed class IngestLimits : IValidatableObject
{
    /// <summary>Streams open at once; one more is refused with RESOURCE_EXHAUSTED. Default 10,000 (two for each agent).</summary>
    [Range(1, 1_000_000)]
    public int StreamsMax { get; set; } = 10_000;

    /// <summary>Connections open at once; one more is closed at once. Default 10,000.</summary>
    [Range(1, 1_000_000)]
    public int ConnectionsMax { get; set; } = 10_000;

    /// <summary>Largest message of an agent that is read, in bytes; a larger one ends its stream with RESOURCE_EXHAUSTED. Default 4 MiB.</summary>
    [Range(64 << 10, 256 << 20)]
    public int MessageBytesMax { get; set; } = 4 << 20;

    /// <summary>
    /// Largest OTLP request that is read, in bytes as they are without compression; a larger one is refused with RESOURCE_EXHAUSTED, and
    /// its sender drops it. Default 64 MiB, as OTLP's specification recommends. While a request is read it is held in memory.
    /// </summary>
    [Range(64 << 10, 256 << 20)]
    public int OtlpRequestBytesMax { get; set; } = 64 << 20;

    /// <summary>
    /// OTLP requests held at once, of all connections, in bytes as they are without compression; one more is refused with UNAVAILABLE before it
    /// is read, and its sender repeats it. Default 128 MiB. The last quarter is for small requests; one request may be as large as the other three.
    /// </summary>
    [Range(128L << 10, 1L << 40)]
    public long OtlpHeldBytesMax { get; set; } = 128L << 20;

    /// <summary>Most records in a batch; more end the stream with INVALID_ARGUMENT. Default 5,000.</summary>
    [Range(1, 1_000_000)]
    public int BatchRecordsMax { get; set; } = 5_000;

    /// <summary>Largest record as it is written to Kafka, in bytes; a larger one is rejected by its sequence. Default 512 KiB. The topic's max.message.bytes (1 MiB by default) must be larger.</summary>
    [Range(1 << 10, 64 << 20)]
    public int RecordBytesMax { get; set; } = 512 << 10;

    /// <summary>Batches (or heartbeats) of a stream that are read and not yet acknowledged; at the bound the stream is not read. Default 16.</summary>
    [Range(1, 10_000)]
    public int UnacknowledgedBatchesMax { get; set; } = 16;

    /// <summary>Bytes on their way to Kafka, of all streams; at the bound no stream is read. Default 64 MiB.</summary>
    [Range(1L << 20, 1L << 40)]
    public long BufferBytesMax { get; set; } = 64L << 20;

    /// <summary>Records a second that a stream may send over time; above it the agent is asked to pause. Default 0: no limit.</summary>
    [Range(0, int.MaxValue)]
    public int RecordsPerSecondMax { get; set; }

    /// <summary>Checks what attributes cannot say.</summary>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (OtlpRequestBytesMax > HeldBytes.LargeMax(OtlpHeldBytesMax))
        {
            yield return new(
                $"Limits.OtlpRequestBytesMax ({OtlpRequestBytesMax}) is above three quarters of OtlpHeldBytesMax ({OtlpHeldBytesMax}): a request of that size would be sent again for ever. Raise the one or lower the other.",
                [nameof(OtlpHeldBytesMax)]);
        }
    }
}
