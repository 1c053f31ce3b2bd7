using System.Diagnostics.Metrics;
using Kafka;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Monitor.LogStore;
using Monitor.Nodes;
using Monitor.Pipeline;
using Monitor.State;
using Streams;

namespace Monitor.Hosting;

/// <summary>The topology at work: makes its topics, starts it, answers from its stores, stops it with everything committed.</summary>
internal sealed partial class MonitorEngine : IHostedService, IAsyncDisposable
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(10);

    // Each commit waits for everything on the way: as seldom as what a crash would send again allows. Documents do not wait for it.
    private static readonly TimeSpan StoringCommitInterval = TimeSpan.FromSeconds(10);

    private readonly MonitorOptions _options;
    private readonly ILogClient _client;
    private readonly TimeProvider _time;
    private readonly ILogger<MonitorEngine> _logger;
    private readonly KafkaStream _stream;

    // Feeds a store that is far away; null where the store is fed by the stream above.
    private readonly KafkaStream? _storing;
    private readonly IRemoteLogStore? _remote;
    private readonly CancellationTokenSource _stopping = new();
    private Task _starting = Task.CompletedTask;
    private bool _disposed;

    public MonitorEngine(
        MonitorOptions options, ILogClient client, ILogStore store, NodesContext nodes, TimeProvider time, ILoggerFactory loggers, IMeterFactory meters)
    {
        (_options, _client, _time) = (options, client, time);
        _logger = loggers.CreateLogger<MonitorEngine>();
        _remote = store as IRemoteLogStore;
        _stream = new(MonitorTopology.Build(options, _remote is null ? store : null, nodes), Config(options), client, loggers, time, meters);
        if (_remote is not null)
            _storing = new(StoreTopology.Build(options, _remote, nodes.Metrics), StoringConfig(options), client, loggers, time, meters);
        Nodes = _stream.Store(QueryableStore.KeyValue<string, NodeStatus>(NodesProcessor.StatusStore));
        nodes.Metrics.ObserveNodes(LastSeen);
        Windows = _stream.Store(QueryableStore.Window<string, HeartbeatTally>(NodesProcessor.TallyStore));
    }

    /// <summary>The nodes of this instance's partitions.</summary>
    public IReadOnlyKeyValueStore<string, NodeStatus> Nodes { get; }

    /// <summary>Their heartbeats by window.</summary>
    public IReadOnlyWindowStore<string, HeartbeatTally> Windows { get; }

    /// <summary>Why a topology does not process records now; null while all do. Kafka being out of reach is one reason, restoring stores another.</summary>
    public string? Waiting => WaitingOf(_stream) ?? (_storing is null ? null : WaitingOf(_storing));

    /// <summary>What stopped a topology for good; null unless something did.</summary>
    public string? Failure => FailureOf(_stream) ?? (_storing is null ? null : FailureOf(_storing));

    /// <summary>Every store of this instance's partitions.</summary>
    public IReadOnlyList<StoreDescription> DescribeStores() => [.. _stream.DescribeStores(), .. _storing?.DescribeStores() ?? []];

    public Task StartAsync(CancellationToken cancellationToken)
    {
        _starting = CreateTopicsAndStartAsync(_stopping.Token);
        return Task.CompletedTask;
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        await _stopping.CancelAsync().ConfigureAwait(false);
        await _starting.ConfigureAwait(false);
        await Task.WhenAll(_stream.StopAsync(cancellationToken), StopStoringAsync(cancellationToken)).ConfigureAwait(false);
    }

    public async ValueTask DisposeAsync()
    {
        // The container knows this as itself and as a hosted service, and disposes both.
        if (_disposed)
            return;

        _disposed = true;
        await _stopping.CancelAsync().ConfigureAwait(false);
        await _starting.ConfigureAwait(false);
        await _stream.DisposeAsync().ConfigureAwait(false);
        if (_storing is not null)
            await _storing.DisposeAsync().ConfigureAwait(false);
        _stopping.Dispose();
    }

    // A store that is gone would hold the stop for ever. First the threads are told to end, then the store to fail what they wait for: so it
    // is no failure of theirs.
    private async Task StopStoringAsync(CancellationToken cancellation)
    {
        if (_storing is null)
            return;

        using var cutOff = new CancellationTokenSource();
        var stopping = _storing.StopAsync(cutOff.Token);
        var patience = Task.Delay(_options.Store.Elasticsearch.DrainTime, _time, cancellation);
        if (await Task.WhenAny(stopping, patience).ConfigureAwait(false) != stopping)
        {
            await cutOff.CancelAsync().ConfigureAwait(false);
            _remote!.GiveUp();
        }

        await stopping.ConfigureAwait(false);
    }

    private string? WaitingOf(KafkaStream stream) => stream.State switch
    {
        KafkaStreamState.Running => null,
        KafkaStreamState.Created => $"The topology waits for Kafka at {_options.Kafka.BootstrapServers} to make its topics.",
        KafkaStreamState.Rebalancing => "The topology waits for its partitions, or restores their stores.",
        KafkaStreamState.Error => FailureOf(stream),
        _ => "The topology has stopped.",
    };

    private static string? FailureOf(KafkaStream stream) => stream.State == KafkaStreamState.Error
        ? $"The topology stopped and does not start again by itself: {stream.Error?.Message}"
        : null;

    private static StreamConfig Config(MonitorOptions options) => new()
    {
        ApplicationId = options.ApplicationId,
        CommitInterval = options.CommitInterval,
        // No cache: alerts and node states leave within milliseconds, not at the next commit, and each change of a node's state is an event of its own.
        CacheBytesMax = 0,
        // No longer than a tick: deadlines are looked at between polls.
        PollTimeout = options.Detection.TickInterval,
        // A partition that is paused fetches again what was fetched ahead for it.
        BufferedRecordsPerPartition = 10_000,
        DeserializationErrors = static _ => ErrorResponse.DeadLetter,
        DeadLetterTopic = options.Topics.DeadLetters,
    };

    private IEnumerable<(string Node, long LastSeenMs)> LastSeen()
    {
        try
        {
            return [.. Nodes.All().Select(node => (node.Key, node.Value.LastSeen))];
        }
        catch (StoreNotReadyException)
        {
            // Half the nodes would look as if the others were gone.
            return [];
        }
    }

    private static StreamConfig StoringConfig(MonitorOptions options)
    {
        var config = Config(options);
        config.ApplicationId = StoreTopology.ApplicationId(options);
        config.CommitInterval = StoringCommitInterval;
        // The topology that judges reads the same topics, and says what cannot be read.
        config.DeserializationErrors = static _ => ErrorResponse.Continue;
        // A commit waits for the store, however long that is away. Nobody else could do better with these partitions meanwhile.
        config.Consumer = new() { PollIntervalMax = TimeSpan.FromDays(1) };
        return config;
    }

    // The engine reads its input topics from the first moment on: they are made, where nobody else has, before it starts.
    private async Task CreateTopicsAndStartAsync(CancellationToken cancellation)
    {
        var pause = FirstPause;
        var said = "";
        while (true)
        {
            try
            {
                using var admin = _client.CreateAdmin();
                await admin.CreateTopicsAsync([.. _options.Topics.Specifications()], cancellation).ConfigureAwait(false);
                var partitions = await admin.PartitionCountAsync(_options.Topics.Heartbeats, cancellation).ConfigureAwait(false);
                await admin.CreateTopicsAsync([Maintenance(partitions ?? _options.Topics.Partitions)], cancellation).ConfigureAwait(false);
                await _stream.StartAsync(cancellation).ConfigureAwait(false);
                if (_storing is not null)
                    await _storing.StartAsync(cancellation).ConfigureAwait(false);
                return;
            }
            catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
            {
                return;
            }
            catch (KafkaException error)
            {
                // Once for each cause. That Kafka does not answer at all is said by who watches it.
                if (error.Kind != KafkaErrorKind.Retriable && said != error.Message)
                    TopicsNotCreated(said = error.Message);
            }

            try
            {
                await Task.Delay(pause, _time, cancellation).ConfigureAwait(false);
            }
            catch (OperationCanceledException)
            {
                return;
            }

            pause = pause * 2 < LongestPause ? pause * 2 : LongestPause;
        }
    }

    // As many partitions as the heartbeats: a node's requests go where its heartbeats go.
    private TopicSpecification Maintenance(int partitions) => new(MonitorTopology.MaintenanceTopic(_options), partitions)
    {
        Configs = new Dictionary<string, string> { ["cleanup.policy"] = "compact" },
    };

    [LoggerMessage(30, LogLevel.Warning, "The topics could not be made yet: {Reason} Trying on.")]
    private partial void TopicsNotCreated(string reason);
}
