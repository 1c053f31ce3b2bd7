using System.Diagnostics.Metrics;
using Kafka.OnConfluent;
using Microsoft.Extensions.Logging;

namespace Kafka;

/// <summary>The Kafka client on Confluent.Kafka and librdkafka.</summary>
/// <remarks>
/// What the library cannot do: a record's timestamp of exactly 0 is taken for "now", and pausing a partition drops what was
/// fetched ahead for it (it is fetched again on resume), and offsets sent to a transaction carry no metadata.
/// </remarks>
public sealed class ConfluentLogClient : ILogClient
{
    private readonly KafkaSettings _settings;
    private readonly ILoggerFactory _loggers;
    private readonly TimeProvider _time;
    private readonly KafkaMetrics? _metrics;
    private readonly SaidTroubles _said;

    /// <summary>Checks the settings and that librdkafka is there. Connects to nothing yet.</summary>
    /// <param name="settings">Where Kafka is.</param>
    /// <param name="loggers">Where the client's own log goes, under the category <c>Kafka</c>.</param>
    /// <param name="time">The clock; the system's where null.</param>
    /// <param name="meters">Makes the meter <c>Streams.Kafka</c>; nothing is measured where null.</param>
    /// <exception cref="ArgumentException">A setting makes no sense.</exception>
    /// <exception cref="KafkaException">librdkafka is not installed (<see cref="KafkaErrorKind.Fatal"/>); the message says how to install it.</exception>
    public ConfluentLogClient(KafkaSettings settings, ILoggerFactory loggers, TimeProvider? time = null, IMeterFactory? meters = null)
    {
        ArgumentNullException.ThrowIfNull(settings);
        ArgumentNullException.ThrowIfNull(loggers);
        if (string.IsNullOrWhiteSpace(settings.BootstrapServers))
            throw new ArgumentException("Kafka's BootstrapServers is empty: name at least one broker as host:port.", nameof(settings));

        NativeClient.Load();
        (_settings, _loggers, _time) = (settings, loggers, time ?? TimeProvider.System);
        _said = new(_time);
        _metrics = meters is null ? null : new KafkaMetrics(meters);
    }

    /// <inheritdoc/>
    public ILogProducer CreateProducer(ProducerSettings settings)
    {
        ArgumentNullException.ThrowIfNull(settings);
        return new ConfluentProducer(_settings, settings, Log("producer"), _time, _metrics);
    }

    /// <inheritdoc/>
    public ILogConsumer CreateConsumer(ConsumerSettings settings)
    {
        ArgumentNullException.ThrowIfNull(settings);
        return new ConfluentConsumer(_settings, settings, Log("consumer"), _time, _metrics);
    }

    /// <inheritdoc/>
    public ILogAdmin CreateAdmin() => new ConfluentAdmin(_settings, Log("admin"), _time);

    private ClientLog Log(string part) => new(_loggers.CreateLogger("Kafka"), part, _settings.BootstrapServers, _said);
}
