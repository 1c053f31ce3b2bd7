using Kafka;

namespace Streams;

/// <summary>How an application runs. Kafka Streams' name for each setting stands beside it.</summary>
public sealed class StreamConfig
{
    /// <summary>The application's name: its consumer group, and the first word of its internal topics. Kafka's <c>application.id</c>.</summary>
    public required string ApplicationId { get; set; }

    /// <summary>How many threads run the tasks. Default 1; Kafka's <c>num.stream.threads</c>.</summary>
    public int ThreadCount { get; set; } = 1;

    /// <summary>
    /// How often outputs, stores and input offsets are committed: how much is done again after a crash, and how long a store of your own
    /// collects before its <see cref="IStateStore.Flush"/>. Default 30 s; Kafka's <c>commit.interval.ms</c>.
    /// </summary>
    public TimeSpan CommitInterval { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>How long a poll waits where there is nothing to read; data ends it at once. Default 100 ms; Kafka's <c>poll.ms</c>.</summary>
    public TimeSpan PollTimeout { get; set; } = TimeSpan.FromMilliseconds(100);

    /// <summary>Most records taken by one poll. Default 1,000; Kafka's <c>max.poll.records</c>.</summary>
    public int PollRecordsMax { get; set; } = 1000;

    /// <summary>
    /// Records waiting per input partition beyond which it is paused until half are processed; one poll may go past it. Default 1,000; Kafka's
    /// <c>buffered.records.per.partition</c>.
    /// </summary>
    public int BufferedRecordsPerPartition { get; set; } = 1000;

    /// <summary>
    /// How long a task with several inputs waits for more on an input that it has read to the end, so as to take records in the order of their
    /// times. Default zero: it waits only for what it knows to be there; null does not even wait for that. Kafka's <c>max.task.idle.ms</c>.
    /// </summary>
    public TimeSpan? TaskIdleMax { get; set; } = TimeSpan.Zero;

    /// <summary>Where stores live that say nothing else. Default in memory; Kafka's <c>dsl.store.suppliers.class</c>.</summary>
    public StoreEngine DefaultStores { get; set; } = InMemoryStores.Default;

    /// <summary>
    /// The folder for stores that live on disk, shared by all applications of the machine. Default <c>streams</c> in the system's folder for temporary
    /// files, which may not outlive a restart of the machine; Kafka's <c>state.dir</c>.
    /// </summary>
    public string StateDirectory { get; set; } = Path.Combine(Path.GetTempPath(), "streams");

    /// <summary>
    /// Bytes that the record caches of all threads may hold together; 0 for none: then each change leaves at once, not at the next commit. Default
    /// 10 MiB; Kafka's <c>statestore.cache.max.bytes</c>.
    /// </summary>
    public long CacheBytesMax { get; set; } = 10 << 20;

    /// <summary>
    /// How much longer the changelogs of windows and sessions keep records than the stores do, so that clocks which differ cost no live window. Applied when
    /// a topic is created. Default 1 day; Kafka's <c>windowstore.changelog.additional.retention.ms</c>.
    /// </summary>
    public TimeSpan WindowChangelogAdditionalRetention { get; set; } = TimeSpan.FromDays(1);

    /// <summary>Copies of internal topics. Default −1, the cluster's own; Kafka's <c>replication.factor</c>.</summary>
    public short ReplicationFactor { get; set; } = -1;

    /// <summary>
    /// Tells the time of records whose source has no extractor of its own. Default
    /// <see cref="TimestampExtractor.FailOnInvalidTimestamp"/>; Kafka's <c>default.timestamp.extractor</c>.
    /// </summary>
    public TimestampExtractor DefaultTimestampExtractor { get; set; } = TimestampExtractor.FailOnInvalidTimestamp;

    /// <summary>
    /// What to do with a record whose key, value or time cannot be read. Default null: fail, leaving a dead letter where
    /// <see cref="DeadLetterTopic"/> is set; Kafka's <c>deserialization.exception.handler</c>. Called on the stream thread.
    /// </summary>
    public Func<DeserializationError, ErrorResponse>? DeserializationErrors { get; set; }

    /// <summary>
    /// What to do with a record on which code of the topology's own failed: a lambda, a processor, a punctuation. Default null: fail, leaving a
    /// dead letter where <see cref="DeadLetterTopic"/> is set; Kafka's <c>processing.exception.handler</c>. Called on the stream thread.
    /// </summary>
    public Func<ProcessingError, ErrorResponse>? ProcessingErrors { get; set; }

    /// <summary>
    /// What to do with a record that cannot be written: its serde failed, or a broker refused it. Default null: fail, leaving a dead letter where
    /// <see cref="DeadLetterTopic"/> is set; Kafka's <c>production.exception.handler</c>. Called on the stream thread.
    /// </summary>
    public Func<ProductionError, ErrorResponse>? ProductionErrors { get; set; }

    /// <summary>
    /// Where <see cref="ErrorResponse.DeadLetter"/> sends records. Default null: nowhere. While it is set, input records are kept as they were
    /// read until they are processed. Kafka's <c>errors.dead.letter.queue.topic.name</c>.
    /// </summary>
    public string? DeadLetterTopic { get; set; }

    /// <summary>
    /// What to do when a thread fails. Default: <see cref="UncaughtErrors.Default"/>. Called on that thread. The one that fills global stores cannot be
    /// replaced: its failure stops the application, whatever the answer. Kafka's <c>setUncaughtExceptionHandler</c>.
    /// </summary>
    public Func<Exception, UncaughtErrorResponse> UncaughtErrors { get; set; } = Streams.UncaughtErrors.Default;

    /// <summary>
    /// How long a stop may take to finish what was read and commit it; after that the threads are cut off, and what they had not committed is
    /// read again at the next start. Default 30 s.
    /// </summary>
    public TimeSpan ShutdownTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// How old what is known of the cluster's topics may get, where a source reads a pattern: how soon it reads a topic that comes up and matches. Default
    /// 5 minutes; Kafka's <c>metadata.max.age.ms</c>.
    /// </summary>
    public TimeSpan MetadataAgeMax { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>The threads' producers: buffer, linger, time-outs.</summary>
    public ProducerSettings Producer { get; set; } = new();

    /// <summary>The threads' consumers: prefetch, session and poll time-outs, where to start. The group is the application's.</summary>
    public ConsumerSettings Consumer { get; set; } = new();

    /// <exception cref="StreamsException">A setting cannot be used; the message says which.</exception>
    internal void Validate()
    {
        if (string.IsNullOrWhiteSpace(ApplicationId))
            throw new StreamsException("StreamConfig.ApplicationId is empty: it names the consumer group and the internal topics.");
        Positive(ThreadCount, nameof(ThreadCount));
        Positive(PollRecordsMax, nameof(PollRecordsMax));
        Positive(BufferedRecordsPerPartition, nameof(BufferedRecordsPerPartition));
        if (CacheBytesMax < 0)
            throw new StreamsException($"StreamConfig.CacheBytesMax is {CacheBytesMax}; it cannot be negative.");
        if (string.IsNullOrWhiteSpace(StateDirectory))
            throw new StreamsException("StreamConfig.StateDirectory is empty: it names the folder of stores that live on disk.");
        if (MetadataAgeMax <= TimeSpan.Zero)
            throw new StreamsException($"StreamConfig.MetadataAgeMax is {MetadataAgeMax}; it must be positive.");
        NotNegative(CommitInterval, nameof(CommitInterval));
        NotNegative(WindowChangelogAdditionalRetention, nameof(WindowChangelogAdditionalRetention));
        NotNegative(PollTimeout, nameof(PollTimeout));
        NotNegative(ShutdownTimeout, nameof(ShutdownTimeout));
    }

    private static void Positive(int value, string name)
    {
        if (value < 1)
            throw new StreamsException($"StreamConfig.{name} is {value}; it must be at least 1.");
    }

    private static void NotNegative(TimeSpan value, string name)
    {
        if (value < TimeSpan.Zero)
            throw new StreamsException($"StreamConfig.{name} is {value}; it cannot be negative.");
    }
}
