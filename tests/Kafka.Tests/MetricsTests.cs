using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using Kafka.OnConfluent;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using TestKit;

namespace Kafka.Tests;

public sealed class MetricsTests
{
    private static readonly TopicPartition Logs = new("logs", 0);

    [Fact]
    public void Lag_is_what_lies_behind_the_committed_position_else_behind_what_was_read()
    {
        var time = new FakeTimeProvider(DateTimeOffset.FromUnixTimeMilliseconds(100_000));
        var watch = new GroupWatch(time);

        watch.Look(new Dictionary<TopicPartition, long> { [Logs] = 40 }, 1, _ => 100);
        Assert.Equal(60, Assert.Single(watch.Partitions).Lag);

        watch.Committed([new CommittedOffset(Logs, 30)]);
        watch.Look(new Dictionary<TopicPartition, long> { [Logs] = 40 }, 1, _ => 100);
        Assert.Equal((70L, 30L), (watch.Partitions[0].Lag, watch.Partitions[0].Committed));
    }

    [Fact]
    public void Lag_in_time_is_the_age_of_the_record_read_last_and_none_where_nothing_is_behind()
    {
        var time = new FakeTimeProvider(DateTimeOffset.FromUnixTimeMilliseconds(100_000));
        var watch = new GroupWatch(time);
        watch.Read(Logs, timestampMs: 97_500);

        watch.Look(new Dictionary<TopicPartition, long> { [Logs] = 40 }, 1, _ => 41);
        Assert.Equal(TimeSpan.FromSeconds(2.5), watch.Partitions[0].LagTime);

        watch.Look(new Dictionary<TopicPartition, long> { [Logs] = 41 }, 1, _ => 41);
        Assert.Equal(TimeSpan.Zero, watch.Partitions[0].LagTime);
    }

    [Fact]
    public void What_others_own_now_is_not_told_of_any_more()
    {
        var watch = new GroupWatch(new FakeTimeProvider());
        watch.Look(new Dictionary<TopicPartition, long> { [Logs] = 40 }, 1, _ => 41);

        watch.Forget();

        Assert.Empty(watch.Partitions);
        Assert.Equal(0, watch.Assigned);
    }

    [Fact]
    public void A_looks_end_that_nobody_has_heard_of_is_no_lag()
    {
        var watch = new GroupWatch(new FakeTimeProvider());

        watch.Look(new Dictionary<TopicPartition, long> { [Logs] = 40 }, 1, _ => null);

        Assert.Null(watch.Partitions[0].Lag);
    }

    [Fact]
    public void Librdkafkas_statistics_say_which_brokers_answer_and_how_fast()
    {
        var watch = new BrokerWatch("producer");

        watch.Take("""
            {"name":"x","brokers":{
              "127.0.0.1:9092/bootstrap":{"nodename":"127.0.0.1:9092","nodeid":-1,"state":"DOWN","rtt":{"avg":0}},
              "127.0.0.1:9092/1":{"nodename":"127.0.0.1:9092","nodeid":1,"state":"UP","rtt":{"avg":1500}},
              "b:9092/2":{"nodename":"b:9092","nodeid":2,"state":"CONNECT","rtt":{"avg":0}},
              "GroupCoordinator":{"nodename":"","nodeid":-1,"state":"UP","rtt":{"avg":3}}}}
            """);

        Assert.Equal(
            [new("127.0.0.1:9092", true, TimeSpan.FromMicroseconds(1500)), new BrokerView("b:9092", false, null)],
            watch.Brokers.OrderBy(broker => broker.Address, StringComparer.Ordinal));
    }

    [Fact]
    public async Task Records_are_counted_by_topic_and_result_once_Kafka_has_answered()
    {
        await using var broker = await EmbeddedBroker.StartAsync();
        using var meters = new TestMeters();
        var client = new ConfluentLogClient(new KafkaSettings { BootstrapServers = broker.BootstrapServers }, NullLoggerFactory.Instance, meters: meters);
        using (var admin = client.CreateAdmin())
            await admin.CreateTopicsAsync([new TopicSpecification("logs", 1)], default);
        await using var producer = client.CreateProducer(new ProducerSettings());
        for (var i = 0; i < 500; i++)
            Assert.True(Bench.TryAppend(producer, "logs", "k", $"{i}"));

        await producer.FlushAsync(default);

        var observed = Observe(meters);
        Assert.Equal(500, observed["streams.kafka.producer.records logs acknowledged"]);
        Assert.Equal(0, observed["streams.kafka.producer.records logs failed"]);
        Assert.Equal(0, observed["streams.kafka.producer.queue.records"]);
        Assert.Equal(64 << 20, observed["streams.kafka.producer.queue.limit"]);
    }

    private static IReadOnlyDictionary<string, long> Observe(TestMeters meters)
    {
        var observed = new ConcurrentDictionary<string, long>();
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, self) =>
            {
                if (ReferenceEquals(instrument.Meter.Scope, meters))
                    self.EnableMeasurementEvents(instrument);
            },
        };
        listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) =>
        {
            var name = instrument.Name;
            foreach (var (_, tag) in tags)
                name += $" {tag}";
            observed[name] = value;
        });
        listener.Start();
        listener.RecordObservableInstruments();
        return observed;
    }
}
