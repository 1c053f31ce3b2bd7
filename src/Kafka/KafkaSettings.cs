namespace Kafka;

/// <summary>How to reach Kafka.</summary>
public sealed class KafkaSettings
{
    /// <summary>Brokers to start from, <c>host:port</c> separated by commas. Default <c>127.0.0.1:9092</c>; Kafka's <c>bootstrap.servers</c>.</summary>
    public string BootstrapServers { get; set; } = "127.0.0.1:9092";

    /// <summary>What this client calls itself in the broker's logs. Kafka's <c>client.id</c>.</summary>
    public string ClientId { get; set; } = "streams";
}

/// <summary>A producer's bounds and pace.</summary>
public sealed class ProducerSettings
{
    /// <summary>Most bytes waiting to be acknowledged. Default 64 MiB; Kafka's <c>buffer.memory</c>.</summary>
    public long BufferBytesMax { get; set; } = 64L << 20;

    /// <summary>How long a batch waits for company. Default 5 ms; Kafka's <c>linger.ms</c>.</summary>
    public TimeSpan Linger { get; set; } = TimeSpan.FromMilliseconds(5);

    /// <summary>
    /// How long a record may take, retries included. Default 2 minutes; Kafka's <c>delivery.timeout.ms</c>.
    /// <see cref="Timeout.InfiniteTimeSpan"/>: tried until Kafka answers, so that no outage can leave a hole between two records.
    /// Within a transaction it is the transaction's time-out of one minute that counts.
    /// </summary>
    public TimeSpan DeliveryTimeout { get; set; } = TimeSpan.FromMinutes(2);

    /// <summary>Largest record, key and headers included. Default 1 MiB; Kafka's <c>max.request.size</c>.</summary>
    public int RecordBytesMax { get; set; } = 1 << 20;

    /// <summary>
    /// Whether a record that Kafka refuses for good stops the producer (<see cref="KafkaErrorKind.Fatal"/>) instead of being skipped:
    /// what was appended after it fails too, so no partition has a hole. Default false. A delivery time-out is not covered: make it infinite.
    /// </summary>
    public bool StopAtGap { get; set; }

    /// <summary>Set to make a transactional producer; null for a plain idempotent one. Kafka's <c>transactional.id</c>.</summary>
    public string? TransactionalId { get; set; }
}

/// <summary>A consumer's group, start and bounds.</summary>
public sealed class ConsumerSettings
{
    /// <summary>The group to join and commit for; null for a consumer that only assigns. Kafka's <c>group.id</c>.</summary>
    public string? GroupId { get; set; }

    /// <summary>Where to start without a committed position: <see cref="StartOffset.Earliest"/> (default) or <see cref="StartOffset.Latest"/>.</summary>
    public long AutoOffsetReset { get; set; } = StartOffset.Earliest;

    /// <summary>Whether records of aborted or open transactions are left out. Default true; Kafka's <c>isolation.level</c>.</summary>
    public bool ReadCommitted { get; set; } = true;

    /// <summary>Most bytes fetched ahead. Default 64 MiB.</summary>
    public long PrefetchBytesMax { get; set; } = 64L << 20;

    /// <summary>How long a silent member stays in its group. Default 45 s; Kafka's <c>session.timeout.ms</c>.</summary>
    public TimeSpan SessionTimeout { get; set; } = TimeSpan.FromSeconds(45);

    /// <summary>Longest pause between two polls. Default 5 minutes; Kafka's <c>max.poll.interval.ms</c>.</summary>
    public TimeSpan PollIntervalMax { get; set; } = TimeSpan.FromMinutes(5);
}
