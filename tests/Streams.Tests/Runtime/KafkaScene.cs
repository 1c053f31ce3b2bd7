using System.Diagnostics.Metrics;
using Kafka;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Streams.Tests.Runtime;

/// <summary>One test's topics, records and applications on a broker; everything in it gives up after four minutes.</summary>
internal sealed class KafkaScene : IAsyncDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(4);

    private readonly List<KafkaStream> _applications = [];
    private readonly CancellationTokenSource _limit = new(Limit);

    public KafkaScene(Broker broker, ILoggerFactory? loggers = null)
    {
        Skip.If(broker.Missing is not null, broker.Missing);
        Loggers = loggers ?? NullLoggerFactory.Instance;
        Client = new(new KafkaSettings { BootstrapServers = broker.BootstrapServers }, Loggers);
        Id = $"app-{Guid.NewGuid():N}";
    }

    public string Id { get; }

    public ILoggerFactory Loggers { get; }

    /// <summary>Makes the meters of the applications; null for one of no factory.</summary>
    public IMeterFactory? Meters { get; init; }

    public ConfluentLogClient Client { get; }

    public CancellationToken GivesUp => _limit.Token;

    public string Topic(string name) => $"{Id}-{name}";

    public async Task CreateAsync(string name, int partitions = 1)
    {
        using var admin = Client.CreateAdmin();
        await admin.CreateTopicsAsync([new(Topic(name), partitions)], GivesUp);
    }

    public async Task ProduceAsync(string name, IEnumerable<(string Key, string Value, long Timestamp)> records)
    {
        await using var producer = Client.CreateProducer(new());
        var buffer = new RecordBuffer();
        foreach (var (key, value, timestamp) in records)
        {
            buffer.Clear();
            if (key is not null)
                Serdes.String.Serialize(key, buffer);
            var length = buffer.Length;
            Serdes.String.Serialize(value, buffer);
            while (!Append())
                await producer.WaitForRoomAsync(GivesUp);

            bool Append() => producer.TryAppend(new OutgoingRecord
            {
                Topic = Topic(name),
                Key = buffer.Span(0, length),
                HasKey = key is not null,
                Value = buffer.From(length),
                HasValue = true,
                TimestampMs = timestamp,
            });
        }

        await producer.FlushAsync(GivesUp);
    }

    public KafkaStream Application(Topology topology, Action<StreamConfig>? configure = null)
    {
        var config = new StreamConfig { ApplicationId = Id, CommitInterval = TimeSpan.FromMilliseconds(100), CacheBytesMax = 0 };
        config.Consumer.SessionTimeout = TimeSpan.FromSeconds(10);
        configure?.Invoke(config);
        var application = new KafkaStream(topology, config, Client, Loggers, TimeProvider.System, Meters);
        _applications.Add(application);
        return application;
    }

    public async Task<KafkaStream> StartAsync(Topology topology, Action<StreamConfig>? configure = null)
    {
        var application = Application(topology, configure);
        await application.StartAsync();
        return application;
    }

    public async Task UntilAsync(KafkaStream application, KafkaStreamState state)
    {
        var reached = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        void Look(object? sender, StateChangedEventArgs move)
        {
            if (application.State == state)
                reached.TrySetResult();
        }

        application.StateChanged += Look;
        Look(null, null!);
        await reached.Task.WaitAsync(GivesUp);
        application.StateChanged -= Look;
    }

    /// <summary>Reads a topic from its start until <paramref name="enough"/> says so.</summary>
    public async Task<List<(string? Key, T? Value, long Timestamp)>> ReadAsync<T>(
        string name, ISerde<T> values, Func<List<(string? Key, T? Value, long Timestamp)>, bool> enough)
    {
        return await Task.Run(() =>
        {
            var read = new List<(string? Key, T? Value, long Timestamp)>();
            using var consumer = Client.CreateConsumer(new() { GroupId = null });
            using var admin = Client.CreateAdmin();
            var partitions = admin.PartitionCountAsync(Topic(name), GivesUp).GetAwaiter().GetResult() ?? 0;
            consumer.Assign([.. Enumerable.Range(0, partitions).Select(p => (new TopicPartition(Topic(name), p), StartOffset.Earliest))]);
            while (!enough(read))
            {
                if (GivesUp.IsCancellationRequested)
                    throw new TimeoutException($"After {Limit} topic {name} held {read.Count} records: {string.Join(" | ", read.TakeLast(20))}");
                using var records = consumer.Poll(TimeSpan.FromMilliseconds(100), 1000);
                for (var run = 0; run < records.RunCount; run++)
                {
                    for (var i = 0; i < records.RunLength(run); i++)
                    {
                        var record = records.Record(run, i);
                        read.Add((
                            record.HasKey ? Serdes.String.Deserialize(record.Key) : null,
                            record.HasValue ? values.Deserialize(record.Value) : default,
                            record.TimestampMs));
                    }
                }
            }

            return read;
        });
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var application in _applications)
            await application.DisposeAsync();
        _limit.Dispose();
    }
}
