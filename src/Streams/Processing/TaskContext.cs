using Streams.Runtime;
using Streams.State;

namespace Streams.Processing;

/// <summary>What the nodes and stores of one task share: where the current record came from, the task's times, stores and output.</summary>
internal sealed class TaskContext(TaskId task, string applicationId, RecordCollector collector, RecordErrors errors, TimeProvider time)
{
    public const long NoTimestamp = -1;

    private readonly Dictionary<string, IStateStore> _stores = [];
    private readonly DropCounts _drops = new();
    private readonly IReadOnlyList<IStateStore> _globalStores = [];

    public TaskId Task { get; } = task;

    public string ApplicationId { get; } = applicationId;

    public RecordCollector Collector { get; } = collector;

    public RecordErrors Errors { get; } = errors;

    public TimeProvider Time { get; } = time;

    /// <summary>For sources that have no extractor of their own.</summary>
    public TimestampExtractor DefaultTimestampExtractor { get; init; } = TimestampExtractor.FailOnInvalidTimestamp;

    /// <summary>How the task's stores are kept.</summary>
    public StateSettings State { get; init; } = StateSettings.InMemory;

    public IReadOnlyDictionary<string, IStateStore> Stores => _stores;

    public PunctuationQueue StreamTimePunctuations { get; } = new();

    public PunctuationQueue WallClockPunctuations { get; } = new();

    /// <summary>Told how long operations of stores took, some of them; null for nobody.</summary>
    public IStoreTimes? StoreTimes { get; init; }

    /// <summary>What processors want to have again after a restart. Filled before they are opened.</summary>
    public ProcessorMetadata Metadata { get; } = new();

    /// <summary>Calls in flight, of nodes whose results come later.</summary>
    public AsyncWork Async { get; } = new();

    /// <summary>Where the record being processed was read from; null while punctuating.</summary>
    public string? Topic { get; set; }

    public int Partition { get; set; }

    public long Offset { get; set; }

    /// <summary>The input record as it was read; null where nobody asked to keep it. See <see cref="RecordErrors.KeepsSources"/>.</summary>
    public DeadLetter? Source { get; set; }

    /// <summary>The headers of the record in the node that runs now; a record cache keeps them with what it holds back. Null for none.</summary>
    public Headers? Headers { get; set; }

    /// <summary>The time of the record in the node that runs now; stores log their changes with it.</summary>
    public long Timestamp { get; set; } = NoTimestamp;

    /// <summary>All of the above at once.</summary>
    public RecordPlace Place
    {
        get => new(Topic, Partition, Offset, Timestamp, Headers, Source);
        set => (Topic, Partition, Offset, Timestamp, Headers, Source) =
            (value.Topic, value.Partition, value.Offset, value.Timestamp, value.Headers, value.Source);
    }

    /// <summary>The greatest timestamp of all records taken from the task's queues.</summary>
    public long StreamTime { get; set; } = NoTimestamp;

    public bool CommitRequested { get; set; }

    /// <summary>What the task's thread holds while it processes and commits; null where nobody else reads the stores.</summary>
    public StateGate? Gate { get; set; }

    /// <summary>Records that were skipped for lack of a key or a value, for being late, or for being no record at all.</summary>
    public long Dropped => _drops.Total;

    public void Drop(DropReason reason) => _drops.Add(reason);

    /// <summary>How many were skipped for a reason since the last call.</summary>
    public long TakeDropped(DropReason reason) => _drops.Take(reason);

    /// <summary>
    /// How much wall clock, in milliseconds, lies between two looks for results that have become final. Default one second, as in Kafka
    /// Streams; its test driver looks at every record, and so does ours.
    /// </summary>
    public long EmitIntervalMs { get; init; } = 1000;

    public long WallClock => Time.GetUtcNow().ToUnixTimeMilliseconds();

    public void AddStore(IStateStore store) => _stores.Add(store.Name, store);

    /// <summary>Global stores, which every processor may read without being connected.</summary>
    public IReadOnlyList<IStateStore> GlobalStores
    {
        get => _globalStores;
        init
        {
            _globalStores = value;
            foreach (var store in value)
                AddStore(store);
        }
    }

    /// <summary>Whether this fills the global stores, where nothing is punctuated.</summary>
    public bool IsGlobal => Task == GlobalTask.Id;

    public bool IsGlobalStore(string name) => _globalStores.Any(s => s.Name == name);

    public RecordContext RecordContext(long timestamp, Headers? headers) =>
        new(Topic, Partition, Offset, timestamp, headers ?? Headers.Empty);

    /// <summary>Where the record being processed was read from; null while punctuating.</summary>
    public RecordMetadata? Record => Topic is null ? null : new RecordMetadata(Topic, Partition, Offset);

    /// <summary>
    /// Whether an error came from the code that was just called, so that a handler may be asked about it; what a node further down, a store or
    /// the way to Kafka threw has had its hearing, or concerns the whole thread.
    /// </summary>
    public bool IsOwn(Exception error) => error switch
    {
        ProcessingException or ProductionException or DeserializationException or CacheFlushException or ErrorHandlerException => false,
        StreamsException { IsWorthANewThread: true } => false,
        Kafka.KafkaException { Kind: not Kafka.KafkaErrorKind.Refused } => false,
        OperationCanceledException => !Collector.IsStopping,
        _ => true,
    };

    public ProcessingException Failed(string node, Exception error) => new(node, Task, Record, error);
}
