using Rd = Confluent.Kafka;

namespace Kafka.OnConfluent;

/// <summary>Our settings in librdkafka's words.</summary>
/// <remarks>Source: librdkafka's CONFIGURATION.md, version 2.0.2.</remarks>
internal static class ClientConfig
{
    // librdkafka's own limits on these settings.
    private const int KilobytesMax = 2_097_151;
    private const int MessagesMax = 10_000_000;

    public static Rd.ClientConfig Admin(KafkaSettings kafka) => Common(kafka, new Rd.ClientConfig());

    public static Rd.ProducerConfig Producer(KafkaSettings kafka, ProducerSettings settings, bool measured = false)
    {
        if (settings.RecordBytesMax is < 1000 or > 1_000_000_000)
            throw new ArgumentException($"The producer's RecordBytesMax is {settings.RecordBytesMax}; it must be 1,000 to 1,000,000,000.", nameof(settings));
        if (settings.BufferBytesMax < settings.RecordBytesMax)
            throw new ArgumentException($"The producer's BufferBytesMax ({settings.BufferBytesMax}) is below its RecordBytesMax ({settings.RecordBytesMax}): the largest record would never fit.", nameof(settings));
        if (settings.Linger < TimeSpan.Zero || settings.Linger > TimeSpan.FromMinutes(5))
            throw new ArgumentException($"The producer's Linger is {settings.Linger}; it must be 0 to 5 minutes.", nameof(settings));
        var forever = settings.DeliveryTimeout == Timeout.InfiniteTimeSpan;
        if (!forever && settings.DeliveryTimeout <= settings.Linger)
            throw new ArgumentException($"The producer's DeliveryTimeout ({settings.DeliveryTimeout}) must be longer than its Linger ({settings.Linger}).", nameof(settings));

        var config = Common(kafka, new Rd.ProducerConfig
        {
            EnableIdempotence = true,
            EnableGaplessGuarantee = settings.StopAtGap ? true : null,
            Acks = Rd.Acks.All,
            Partitioner = Rd.Partitioner.Murmur2Random,
            LingerMs = settings.Linger.TotalMilliseconds,
            // A record cannot outlive its transaction: librdkafka's default there is the transaction's time-out.
            MessageTimeoutMs = settings.TransactionalId is not null ? null : forever ? 0 : Milliseconds(settings.DeliveryTimeout),
            MessageMaxBytes = settings.RecordBytesMax,
            BatchSize = Math.Min(1_000_000, settings.RecordBytesMax),
            // Our own count of bytes (InFlight) is the bound that callers meet; librdkafka's lie just above it.
            QueueBufferingMaxKbytes = (int)Math.Min(KilobytesMax, settings.BufferBytesMax / 1024 + 1),
            QueueBufferingMaxMessages = (int)Math.Min(MessagesMax, settings.BufferBytesMax / InFlight.RecordOverheadBytes + 1),
            DeliveryReportFields = "none",
            TransactionalId = settings.TransactionalId,
            StatisticsIntervalMs = measured ? Milliseconds(BrokerWatch.Interval) : null,
        });
        config.Set("allow.auto.create.topics", "false");
        return config;
    }

    public static Rd.ConsumerConfig Consumer(KafkaSettings kafka, ConsumerSettings settings, bool measured = false)
    {
        if (settings.PollIntervalMax < settings.SessionTimeout)
            throw new ArgumentException($"The consumer's PollIntervalMax ({settings.PollIntervalMax}) is below its SessionTimeout ({settings.SessionTimeout}).", nameof(settings));
        if (settings.AutoOffsetReset is not (StartOffset.Earliest or StartOffset.Latest))
            throw new ArgumentException($"The consumer's AutoOffsetReset is {settings.AutoOffsetReset}; it must be StartOffset.Earliest or StartOffset.Latest.", nameof(settings));

        var session = Milliseconds(settings.SessionTimeout);
        return Common(kafka, new Rd.ConsumerConfig
        {
            // librdkafka wants a group even where none is joined.
            GroupId = settings.GroupId ?? $"{kafka.ClientId}-without-group",
            AutoOffsetReset = settings.AutoOffsetReset == StartOffset.Latest ? Rd.AutoOffsetReset.Latest : Rd.AutoOffsetReset.Earliest,
            IsolationLevel = settings.ReadCommitted ? Rd.IsolationLevel.ReadCommitted : Rd.IsolationLevel.ReadUncommitted,
            PartitionAssignmentStrategy = Rd.PartitionAssignmentStrategy.Range,
            EnableAutoCommit = false,
            EnableAutoOffsetStore = false,
            EnablePartitionEof = true,
            AllowAutoCreateTopics = false,
            SessionTimeoutMs = session,
            HeartbeatIntervalMs = Math.Min(3000, session / 3),
            MaxPollIntervalMs = Milliseconds(settings.PollIntervalMax),
            // By bytes alone: librdkafka looks again only after a second once a count is exceeded.
            QueuedMinMessages = MessagesMax,
            QueuedMaxMessagesKbytes = (int)Math.Clamp(settings.PrefetchBytesMax / 1024, 1, KilobytesMax),
            FetchErrorBackoffMs = 100,
            StatisticsIntervalMs = measured ? Milliseconds(BrokerWatch.Interval) : null,
        });
    }

    private static T Common<T>(KafkaSettings kafka, T config)
        where T : Rd.ClientConfig
    {
        config.BootstrapServers = kafka.BootstrapServers;
        config.ClientId = kafka.ClientId;
        config.SocketNagleDisable = true;
        config.SocketKeepaliveEnable = true;
        config.LogConnectionClose = false;
        config.ReconnectBackoffMs = 50;
        config.ReconnectBackoffMaxMs = 1000;
        return config;
    }

    private static int Milliseconds(TimeSpan time) => checked((int)time.TotalMilliseconds);
}
