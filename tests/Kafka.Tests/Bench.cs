using System.Text;
using Microsoft.Extensions.Logging.Abstractions;

namespace Kafka.Tests;

/// <summary>What a test works with: a client of one broker, a topic of its own, and everything made is closed at the end.</summary>
public sealed class Bench : IAsyncDisposable
{
    public static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    private readonly List<IAsyncDisposable> _producers = [];
    private readonly List<IDisposable> _others = [];
    private readonly CancellationTokenSource _limit = new(TimeSpan.FromMinutes(4));

    public Bench(string servers) =>
        Client = new ConfluentLogClient(new KafkaSettings { BootstrapServers = servers, ClientId = "kafka-tests" }, NullLoggerFactory.Instance);

    public ConfluentLogClient Client { get; }

    /// <summary>A name no other test has.</summary>
    public string Name { get; } = $"test-{Guid.NewGuid():n}";

    public CancellationToken Cancellation => _limit.Token;

    public ILogAdmin Admin
    {
        get
        {
            if (field is null)
                _others.Add(field = Client.CreateAdmin());
            return field;
        }
    }

    public async Task<string> TopicAsync(int partitions = 1, string suffix = "", params (string Key, string Value)[] configs)
    {
        var topic = Name + suffix;
        var specification = new TopicSpecification(topic, partitions) { Configs = configs.ToDictionary(c => c.Key, c => c.Value) };
        await Admin.CreateTopicsAsync([specification], Cancellation);
        return topic;
    }

    public ILogProducer Producer(Action<ProducerSettings>? set = null)
    {
        var settings = new ProducerSettings();
        set?.Invoke(settings);
        var producer = Client.CreateProducer(settings);
        _producers.Add(producer);
        return producer;
    }

    public ILogConsumer Consumer(Action<ConsumerSettings>? set = null)
    {
        var settings = new ConsumerSettings { SessionTimeout = TimeSpan.FromSeconds(10) };
        set?.Invoke(settings);
        var consumer = Client.CreateConsumer(settings);
        _others.Add(consumer);
        return consumer;
    }

    /// <summary>Appends, waiting for room where there is none.</summary>
    public async Task AppendAsync(ILogProducer producer, string topic, string? key, string? value, int? partition = null, Delivery? delivery = null)
    {
        while (!TryAppend(producer, topic, key, value, partition, delivery))
            await producer.WaitForRoomAsync(Cancellation);
    }

    public static bool TryAppend(ILogProducer producer, string topic, string? key, string? value, int? partition = null, Delivery? delivery = null) =>
        producer.TryAppend(
            new OutgoingRecord
            {
                Topic = topic,
                Partition = partition,
                HasKey = key is not null,
                Key = Encoding.UTF8.GetBytes(key ?? ""),
                HasValue = value is not null,
                Value = Encoding.UTF8.GetBytes(value ?? ""),
            },
            delivery);

    /// <summary>Reads a topic's partitions from the first record on, until there are as many as expected.</summary>
    public List<Got> ReadAll(string topic, int partitions, int count)
    {
        using var consumer = Client.CreateConsumer(new ConsumerSettings());
        consumer.Assign([.. Enumerable.Range(0, partitions).Select(p => (new TopicPartition(topic, p), StartOffset.Earliest))]);
        return Read(consumer, count);
    }

    /// <summary>Polls until there are <paramref name="count"/> records.</summary>
    public List<Got> Read(ILogConsumer consumer, int count)
    {
        var all = new List<Got>();
        while (all.Count < count)
        {
            if (Cancellation.IsCancellationRequested)
                throw new TimeoutException($"{all.Count} of {count} records came.");
            using var records = consumer.Poll(TimeSpan.FromMilliseconds(200), 1000);
            all.AddRange(Got.From(records));
        }

        return all;
    }

    /// <summary>Polls until something holds.</summary>
    public void PollUntil(ILogConsumer consumer, Func<bool> holds, string what)
    {
        while (!holds())
        {
            if (Cancellation.IsCancellationRequested)
                throw new TimeoutException($"It never came to be that {what}.");
            consumer.Poll(TimeSpan.FromMilliseconds(50), 1000).Dispose();
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var producer in _producers)
            await producer.DisposeAsync();
        foreach (var other in _others)
            other.Dispose();
        _limit.Dispose();
    }
}

/// <summary>A record, copied out of its lease.</summary>
public sealed record Got(TopicPartition Partition, long Offset, long TimestampMs, string? Key, string? Value, IReadOnlyList<RecordHeader> Headers)
{
    public static IEnumerable<Got> From(FetchedRecords records)
    {
        var all = new List<Got>();
        for (var run = 0; run < records.RunCount; run++)
        {
            for (var i = 0; i < records.RunLength(run); i++)
            {
                var record = records.Record(run, i);
                all.Add(new Got(
                    records.Partition(run),
                    record.Offset,
                    record.TimestampMs,
                    record.HasKey ? Encoding.UTF8.GetString(record.Key) : null,
                    record.HasValue ? Encoding.UTF8.GetString(record.Value) : null,
                    record.Headers.ToArray()));
            }
        }

        return all;
    }
}

/// <summary>Writes down what a group listener hears.</summary>
public sealed class Ears : IGroupListener
{
    public List<TopicPartition> Mine { get; } = [];

    public List<string> Heard { get; } = [];

    public Action<IReadOnlyCollection<TopicPartition>>? WhenAssigned { get; set; }

    public Action<IReadOnlyCollection<TopicPartition>>? WhenRevoked { get; set; }

    public void OnAssigned(IReadOnlyCollection<TopicPartition> partitions)
    {
        Heard.Add($"assigned {partitions.Count}");
        Mine.Clear();
        Mine.AddRange(partitions);
        WhenAssigned?.Invoke(partitions);
    }

    public void OnRevoked(IReadOnlyCollection<TopicPartition> partitions)
    {
        Heard.Add($"revoked {partitions.Count}");
        WhenRevoked?.Invoke(partitions);
        Mine.Clear();
    }

    public void OnLost(IReadOnlyCollection<TopicPartition> partitions)
    {
        Heard.Add($"lost {partitions.Count}");
        Mine.Clear();
    }
}
