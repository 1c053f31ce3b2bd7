using Kafka;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Streams.Processing;
using Streams.Runtime;
using Streams.State;

namespace Streams.TestKit;

/// <summary>
/// Runs a topology with no broker and no threads: pipe a record in, and all that it causes has happened when the call returns, repartition
/// topics included. The same input gives the same output, every time.
/// </summary>
/// <remarks>
/// Every topic has one partition, and the whole topology is one task, as in Kafka Streams' own driver. It commits after every record, so that the record
/// cache holds back only what one record does to a key more than once. Runs the same task code as an application does. Stores on disk live in a folder of the driver's own within the state directory, as long as the driver does.
/// </remarks>
public sealed class TopologyTestDriver : IDisposable
{
    private readonly StreamConfig _config;
    private readonly string _folder;
    private readonly DriverClock _clock;
    private readonly DriverProducer _producer;
    private readonly RecordCollector _collector;
    private readonly StreamTask _task;
    private readonly GlobalTask? _global;
    private readonly InternalTopics _topics;
    private readonly Dictionary<string, long> _endOffsets = [];
    private Exception? _failure;
    private long _processed;
    private long _commits;
    private bool _disposed;

    /// <summary>Makes a driver; the topology's processors are open when it returns.</summary>
    /// <param name="topology">The topology.</param>
    /// <param name="config">Settings; null for an application called <c>test</c>.</param>
    /// <param name="start">What the wall clock shows at first; null for 1970-01-01 UTC.</param>
    /// <param name="loggers">Where the engine logs; null for nowhere.</param>
    /// <exception cref="TopologyException">The topology cannot work.</exception>
    public TopologyTestDriver(Topology topology, StreamConfig? config = null, DateTimeOffset? start = null, ILoggerFactory? loggers = null)
    {
        ArgumentNullException.ThrowIfNull(topology);
        topology.Validate();
        _config = config ?? new StreamConfig { ApplicationId = "test" };
        _config.Validate();
        _folder = Path.Combine(_config.StateDirectory, $"driver-{Guid.NewGuid():N}");
        _clock = new(start ?? DateTimeOffset.UnixEpoch);
        _producer = new();
        _collector = new(_producer, null, _clock, CancellationToken.None);
        var logger = (loggers ?? NullLoggerFactory.Instance).CreateLogger<TopologyTestDriver>();

        // As in Kafka Streams' driver, the whole cache: there is one task, whatever number of threads the settings have.
        var state = new StateSettings(_config.DefaultStores, _folder, _config.CacheBytesMax);
        var compiled = new CompiledTopology(topology, _config.ApplicationId);
        _topics = compiled.Topics;
        var id = new TaskId(0, 0);
        _global = compiled.Global is null ? null : new(compiled.Global, _topics, new(GlobalTask.Id, _config.ApplicationId, _collector, new RecordErrors(_config, NoWait, logger), _clock)
        {
            DefaultTimestampExtractor = _config.DefaultTimestampExtractor,
            State = state,
        });
        var whole = new Subtopology(
            0, [.. topology.Nodes.Where(n => compiled.Global?.Nodes.Contains(n) != true)], [.. topology.StateStores.Values]);
        var context = new TaskContext(id, _config.ApplicationId, _collector, new RecordErrors(_config, NoWait, logger), _clock)
        {
            EmitIntervalMs = 0,
            GlobalStores = _global?.ReadOnlyStores ?? [],
            DefaultTimestampExtractor = _config.DefaultTimestampExtractor,
            State = state,
        };
        _task = new(id, whole, _topics, context, idleMax: _config.TaskIdleMax);
        foreach (var queue in _task.Queues)
            _producer.LoopBack(queue.Partition.Topic);
        _task.MoveTo(TaskState.Restoring);
        _task.Start();
    }

    internal Action<string, CapturedRecord>? OnProduced
    {
        set => _producer.OnProduced = value;
    }

    /// <summary>Whether outputs are counted as produced and not kept: for measurements of millions of records.</summary>
    internal bool ForgetsOutputs
    {
        set => _producer.Forgets = value;
    }

    /// <summary>What the wall clock shows.</summary>
    public DateTimeOffset WallClockTime => _clock.GetUtcNow();

    /// <summary>Every topic that records were produced to so far, changelog and repartition topics included.</summary>
    public IReadOnlyCollection<string> ProducedTopicNames => _producer.Topics;

    /// <summary>Records that were dropped so far: without a key where one is needed, too late for their window, unreadable and skipped.</summary>
    public long DroppedRecords => _task.Context.Dropped + (_global?.Dropped ?? 0);

    /// <summary>
    /// What the topology counted so far, by the names that Kafka Streams has for it: <c>process-total</c>, <c>dropped-records-total</c>,
    /// <c>commit-total</c>.
    /// </summary>
    public IReadOnlyDictionary<string, double> Metrics => new Dictionary<string, double>
    {
        ["process-total"] = _processed,
        ["dropped-records-total"] = DroppedRecords,
        ["commit-total"] = _commits,
    };

    /// <summary>An input topic to pipe records into.</summary>
    /// <param name="topic">The topic's name in Kafka.</param>
    /// <param name="keySerde">The keys' serde; null for the type's default.</param>
    /// <param name="valueSerde">The values' serde; null for the type's default.</param>
    /// <param name="start">The first record's time where none is given; null for the wall clock's at that moment.</param>
    /// <param name="autoAdvance">How much later each following record is where no time is given. Default zero.</param>
    public TestInputTopic<TKey, TValue> CreateInputTopic<TKey, TValue>(
        string topic,
        ISerde<TKey>? keySerde = null,
        ISerde<TValue>? valueSerde = null,
        DateTimeOffset? start = null,
        TimeSpan autoAdvance = default)
    {
        var serdes = new SerdeRegistry();
        return new(
            this,
            topic,
            serdes.Find(keySerde, "keys", $"test topic '{topic}'", "CreateInputTopic"),
            serdes.Find(valueSerde, "values", $"test topic '{topic}'", "CreateInputTopic"),
            start,
            autoAdvance);
    }

    /// <summary>An output, changelog or repartition topic to read records from.</summary>
    /// <param name="topic">The topic's name in Kafka: internal ones begin with the application's id.</param>
    /// <param name="keySerde">The keys' serde; null for the type's default.</param>
    /// <param name="valueSerde">The values' serde; null for the type's default.</param>
    public TestOutputTopic<TKey, TValue> CreateOutputTopic<TKey, TValue>(
        string topic, ISerde<TKey>? keySerde = null, ISerde<TValue>? valueSerde = null)
    {
        var serdes = new SerdeRegistry();
        return new(
            _producer.Topic(topic),
            serdes.Find(keySerde, "keys", $"test topic '{topic}'", "CreateOutputTopic"),
            serdes.Find(valueSerde, "values", $"test topic '{topic}'", "CreateOutputTopic"));
    }

    /// <summary>Moves the wall clock on, runs the punctuations that are due, and all that they cause.</summary>
    public void AdvanceWallClockTime(TimeSpan advance)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        ArgumentOutOfRangeException.ThrowIfLessThan(advance, TimeSpan.Zero);
        ThrowIfDead();
        _clock.Advance(advance);
        try
        {
            _task.PunctuateWallClock();
            Commit();
            Complete();
        }
        catch (Exception error)
        {
            _failure = error;
            throw;
        }
    }

    /// <summary>Every store, by name.</summary>
    public IReadOnlyDictionary<string, IStateStore> GetAllStateStores()
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        return _global is null
            ? _task.Context.Stores
            : _task.Stores.Concat(_global.Stores).ToDictionary(s => s.Name);
    }

    /// <summary>A store by name; null where there is none.</summary>
    public IStateStore? GetStateStore(string name)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        return _global?.Stores.FirstOrDefault(s => s.Name == name) ?? _task.Context.Stores.GetValueOrDefault(name);
    }

    /// <summary>
    /// A key-value store by name; that of a table or an aggregation without its times. What is put into it here is logged like a processor's own puts.
    /// </summary>
    public IKeyValueStore<TKey, TValue> GetKeyValueStore<TKey, TValue>(string name) =>
        GetStateStore(name) is ITimestampedKeyValueStore<TKey, TValue> timestamped
            ? new PlainKeyValueView<TKey, TValue>(timestamped)
            : Store<IKeyValueStore<TKey, TValue>>(name);

    /// <summary>The store of a table or an aggregation, by name.</summary>
    public ITimestampedKeyValueStore<TKey, TValue> GetTimestampedKeyValueStore<TKey, TValue>(string name) =>
        Store<ITimestampedKeyValueStore<TKey, TValue>>(name);

    /// <summary>A session store by name.</summary>
    public ISessionStore<TKey, TAggregate> GetSessionStore<TKey, TAggregate>(string name) => Store<ISessionStore<TKey, TAggregate>>(name);

    /// <summary>A versioned store by name.</summary>
    public IVersionedKeyValueStore<TKey, TValue> GetVersionedKeyValueStore<TKey, TValue>(string name) =>
        Store<IVersionedKeyValueStore<TKey, TValue>>(name);

    /// <summary>A window store by name; that of an aggregation without its times.</summary>
    public IWindowStore<TKey, TValue> GetWindowStore<TKey, TValue>(string name) =>
        GetStateStore(name) is ITimestampedWindowStore<TKey, TValue> timestamped
            ? new PlainWindowView<TKey, TValue>(timestamped)
            : Store<IWindowStore<TKey, TValue>>(name);

    /// <summary>The store of a windowed aggregation, by name.</summary>
    public ITimestampedWindowStore<TKey, TValue> GetTimestampedWindowStore<TKey, TValue>(string name) =>
        Store<ITimestampedWindowStore<TKey, TValue>>(name);

    /// <summary>Closes processors and stores, and deletes what stores had on disk.</summary>
    public void Dispose()
    {
        if (_disposed)
            return;

        _disposed = true;
        try
        {
            _task.Close();
            _global?.Close();
        }
        finally
        {
            if (Directory.Exists(_folder))
                Directory.Delete(_folder, recursive: true);
        }
    }

    internal void Pipe(string topic, ReadOnlySpan<byte> key, bool hasKey, ReadOnlySpan<byte> value, bool hasValue, long timestamp, Headers? headers)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        var partition = new TopicPartition(topic, 0);
        var isGlobal = _global?.Topics.Contains(topic) == true;
        if (!isGlobal && !_task.Owns(partition))
        {
            if (_topics.Match(topic) is not { } source)
                throw new ArgumentException($"The topology does not read topic '{topic}'.", nameof(topic));
            _task.AddInput(topic, source);
        }

        ThrowIfDead();
        var record = new RecordView
        {
            Offset = NextOffset(topic),
            TimestampMs = timestamp,
            Key = key,
            HasKey = hasKey,
            Value = value,
            HasValue = hasValue,
            Headers = headers is null ? default : headers.Span,
        };
        try
        {
            if (isGlobal)
            {
                _global!.Process(partition, in record);
                _global.Flush();
                return;
            }

            Enqueue(partition, in record);
            Complete();
        }
        catch (Exception error)
        {
            _failure = error;
            throw;
        }
    }

    // What was piped in is all there is.
    private static long? NothingMore(TopicPartition partition) => 0;

    // A test does not wait for a retry, and the clock moves only when the test says so.
    private static void NoWait(TimeSpan delay)
    {
    }

    // As a thread's tasks are after an error: nothing more is processed, so that a test cannot go on from half a record.
    private void ThrowIfDead()
    {
        if (_failure is { } failure)
            throw new StreamsException($"The topology failed before and processes nothing more; make a new driver. It failed with: {failure.Message}", failure);
    }

    private void Complete()
    {
        while (_task.MayProcess(NothingMore) && _task.ProcessOne())
        {
            _processed++;
            _task.PunctuateStreamTime();
            Commit();
        }

        // Records that were skipped may have left dead letters.
        Commit();
    }

    private void Commit()
    {
        _commits++;
        _task.FlushCaches();
        _task.FlushStores();
        _task.Committed();
        while (_producer.TryTakeLooped(out var topic, out var record))
            Enqueue(new(topic, 0), record.View(NextOffset(topic)));
    }

    private void Enqueue(TopicPartition partition, in RecordView record) => _task.Queue(partition).Add(in record);

    private long NextOffset(string topic)
    {
        ref var end = ref System.Runtime.InteropServices.CollectionsMarshal.GetValueRefOrAddDefault(_endOffsets, topic, out _);
        return end++;
    }

    private TStore Store<TStore>(string name)
        where TStore : class
    {
        var store = GetStateStore(name) ?? throw new ArgumentException($"The topology has no store '{name}'.", nameof(name));
        return store as TStore
            ?? throw new ArgumentException($"Store '{name}' is a {TypeName.Of(store.GetType())}, not a {TypeName.Of(typeof(TStore))}.", nameof(name));
    }
}
