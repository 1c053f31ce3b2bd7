using System.Collections.Concurrent;
using System.Diagnostics;
using Kafka;
using Streams.Processing;
using Streams.Query;
using Streams.State;

namespace Streams.Runtime;

/// <summary>One subtopology on one partition: queues in front, nodes behind, stores beside.</summary>
/// <remarks>
/// Owned by one thread. <see cref="Gate"/> is held while records are processed, a batch at a time; whoever else reads the stores takes it for
/// a moment between two records, so that nothing is locked per record and a reader never sees half a change. Lists are read from snapshots (docs/adr/0044).
/// </remarks>
internal sealed class StreamTask : IStoreOwner
{
    private readonly TaskGraph _graph;

    // How far the stores on disk hold their pasts, as of the last commit.
    private readonly Dictionary<TopicPartition, long> _reached = [];

    // Queries read it.
    private readonly ConcurrentDictionary<TopicPartition, long> _lags = new();
    private readonly List<RecordQueue> _queues = [];
    private readonly QueueOrder _order = new();
    private readonly InputReadiness _readiness;
    private readonly Dictionary<TopicPartition, RecordQueue> _byPartition = [];
    private int _state = (int)TaskState.Created;
    private long _lateness;
    private bool _initialized;

    /// <param name="id">The task.</param>
    /// <param name="subtopology">What it runs.</param>
    /// <param name="topics">Names of internal topics.</param>
    /// <param name="context">What its nodes share.</param>
    /// <param name="inputs">What inputs there are; null where all have the task's partition. An input with fewer partitions has none for this task.</param>
    /// <param name="idleMax">How long to wait for an empty input; null not at all.</param>
    public StreamTask(
        TaskId id,
        Subtopology subtopology,
        InternalTopics topics,
        TaskContext context,
        InputTopics? inputs = null,
        TimeSpan? idleMax = null)
    {
        _readiness = new(idleMax, context.Time);
        Id = id;
        _graph = new(subtopology, topics, context);
        context.Gate = Gate;
        foreach (var (topic, source) in _graph.Sources)
        {
            if (inputs?.Has(topic, id.Partition) == false)
                continue;

            var partition = new TopicPartition(topic, id.Partition);
            var queue = source.CreateQueue(partition, context, _order);
            _queues.Add(queue);
            _byPartition.Add(partition, queue);
        }
    }

    public TaskId Id { get; }

    /// <summary>Moved by the thread that owns the task; queries look at it too.</summary>
    public TaskState State
    {
        get => (TaskState)Volatile.Read(ref _state);
        private set => Volatile.Write(ref _state, (int)value);
    }

    public StateGate Gate { get; } = new();

    public OpenScans Scans { get; } = new();

    public bool IsReady => State == TaskState.Running;

    public TaskContext Context => _graph.Context;

    public IReadOnlyList<RecordQueue> Queues => _queues;

    /// <summary>The stores that are restored, each with what from.</summary>
    public IReadOnlyList<StorePast> Pasts => _graph.Pasts;

    public IReadOnlyList<IStateStore> Stores => _graph.Stores;

    /// <summary>Whether anything happened since the last commit that a commit would keep.</summary>
    public bool CommitNeeded { get; private set; }

    public bool CommitRequested => Context.CommitRequested;

    /// <summary>Tells how many records of <paramref name="past"/> are still to be read into its store.</summary>
    public void ReportLag(TopicPartition past, long records) => _lags[past] = records;

    public long Lag(string store) =>
        _graph.Pasts.Find(p => p.Store.Name == store) is { } past ? _lags.GetValueOrDefault(past.Changelog.Partition) : 0;

    public void MoveTo(TaskState state)
    {
        if (!State.CanBecome(state))
            throw new InvalidOperationException($"Task {Id} cannot go from {State} to {state}.");
        State = state;
    }

    /// <summary>Opens the processors; the stores are filled. The task runs from here on.</summary>
    public void Start()
    {
        if (!_initialized)
        {
            foreach (var queue in _queues)
                Context.StreamTime = Math.Max(Context.StreamTime, queue.PartitionTime);
            _graph.Init();
            _initialized = true;
        }

        MoveTo(TaskState.Running);
    }

    public RecordQueue Queue(TopicPartition partition) => _byPartition[partition];

    /// <summary>Takes up one more input, of a topic that a source's pattern matches.</summary>
    public void AddInput(string topic, NodeDefinition definition)
    {
        var source = _graph.SourceOf(definition) ?? throw new InvalidOperationException($"Task {Id} has no source '{definition.Name}'.");
        var queue = source.CreateQueue(new(topic, Id.Partition), Context, _order);
        _queues.Add(queue);
        _byPartition.Add(queue.Partition, queue);
    }

    public bool Owns(TopicPartition partition) => _byPartition.ContainsKey(partition);

    /// <summary>Puts a run of one partition's records into its queue.</summary>
    public void Add(FetchedRecords records, int run)
    {
        var queue = _byPartition[records.Partition(run)];
        var expected = queue.Count + records.RunLength(run);
        for (var i = 0; i < records.RunLength(run); i++)
            queue.Add(records.Record(run, i));

        // Skipped records are done with: their offsets are to be committed though nothing is processed.
        CommitNeeded |= queue.Count < expected;
    }

    /// <summary>Whether a record may be taken now, or another input may still bring an earlier one.</summary>
    public bool MayProcess(Func<TopicPartition, long?> lag) => _readiness.MayProcess(_queues, lag);

    /// <summary>How far behind stream time the latest of the records was that were processed since the last call, in milliseconds.</summary>
    public long TakeLateness()
    {
        var lateness = _lateness;
        _lateness = 0;
        return lateness;
    }

    /// <summary>Processes one record: of all that wait, the one with the least timestamp.</summary>
    /// <returns>False where nothing waits.</returns>
    public bool ProcessOne()
    {
        Debug.Assert(State == TaskState.Running, "Only a running task processes.");
        if (_order.First is not { } queue)
            return false;

        if (queue.HeadTimestamp > Context.StreamTime)
            Context.StreamTime = queue.HeadTimestamp;
        else if (Context.StreamTime - queue.HeadTimestamp > _lateness)
            _lateness = Context.StreamTime - queue.HeadTimestamp;
        CommitNeeded = true;
        queue.ProcessHead();
        return true;
    }

    public bool PunctuateStreamTime()
    {
        if (Context.StreamTime < Context.StreamTimePunctuations.NextDue || Context.StreamTime == TaskContext.NoTimestamp)
            return false;

        // Stream time counts records whose calls are in flight: they go on before it is acted upon.
        Context.Async.Finish(Context.Collector.Stop);
        CommitNeeded = true;
        return Context.StreamTimePunctuations.Run(Context.StreamTime, Context) > 0;
    }

    public bool PunctuateWallClock()
    {
        if (Context.WallClockPunctuations.NextDue == long.MaxValue)
            return false;

        var now = Context.WallClock;
        if (now < Context.WallClockPunctuations.NextDue)
            return false;

        CommitNeeded = true;
        return Context.WallClockPunctuations.Run(now, Context) > 0;
    }

    /// <summary>First step of a commit: what the stores hold becomes durable.</summary>
    public void FlushStores()
    {
        foreach (var store in _graph.Stores)
        {
            try
            {
                store.Flush();
            }
            catch (Exception error) when (error is not (StreamsException or OperationCanceledException))
            {
                throw new StateStoreException(store.Name, Id, "flushed", error);
            }
        }
    }

    /// <summary>
    /// First of all in a commit: calls in flight are waited for, and what caches hold back goes to the stores; both go on to the nodes behind them,
    /// where they may begin calls again.
    /// </summary>
    public void FlushCaches()
    {
        do
        {
            Context.Async.Finish(Context.Collector.Stop);
            foreach (var store in _graph.Stores)
            {
                if (store is IFlushableCache cache)
                    Flush(store, cache);
            }
        }
        while (Context.Async.IsWaiting);
    }

    /// <summary>What the commit says: where to go on in each input.</summary>
    public void CollectOffsets(List<CommittedOffset> offsets)
    {
        foreach (var queue in _queues)
        {
            if (queue.CommittableOffset is { } offset)
                offsets.Add(new(queue.Partition, offset, OffsetMetadata.Encode(queue.PartitionTime, Context.Metadata)));
        }
    }

    /// <summary>Last step of a commit.</summary>
    public void Committed()
    {
        CommitNeeded = false;
        Context.CommitRequested = false;
        if (_graph.Storages.Count == 0)
            return;

        foreach (var past in _graph.Pasts)
        {
            if (past.Storage is not null && End(past.Changelog) is { } end)
                _reached[past.Changelog.Partition] = Math.Max(end, _reached.GetValueOrDefault(past.Changelog.Partition));
        }

        foreach (var storage in _graph.Storages)
            storage.Commit(_reached);
    }

    /// <summary>Drops what waits in the queues, and calls in flight; stores and processors stay as they are.</summary>
    public void Suspend()
    {
        Context.Async.Abandon();
        foreach (var queue in _queues)
            queue.Clear();
        _order.Clear();
        CommitNeeded = false;
        if (State != TaskState.Suspended)
            MoveTo(TaskState.Suspended);
    }

    /// <summary>Closes processors and stores. The first failure is thrown after everything was closed.</summary>
    public void Close()
    {
        if (State == TaskState.Closed)
            return;
        if (State != TaskState.Suspended)
            Suspend();

        MoveTo(TaskState.Closed);
        Scans.End();
        Exception? first = null;
        if (_initialized)
            Attempt(_graph.CloseNodes, ref first);
        foreach (var store in _graph.Stores)
            Attempt(store.Close, ref first);
        foreach (var storage in _graph.Storages)
            Attempt(storage.Dispose, ref first);
        if (first is not null)
            throw first as StreamsException ?? new StreamsException($"Task {Id} failed while closing: {first.Message}", first);
    }

    // Everything is acknowledged, or it would be no commit: what the task wrote so far is what its stores hold. Another's writes before were restored.
    private long? End(Changelog past) =>
        past.IsInput ? _byPartition[past.Partition].CommittableOffset : Context.Collector.Producer.AcknowledgedEnd(past.Partition);

    private void Flush(IStateStore store, IFlushableCache cache)
    {
        try
        {
            cache.FlushCache();
        }
        catch (Exception error) when (error is ProcessingException || Context.IsOwn(error))
        {
            throw new CacheFlushException(store.Name, Id, error);
        }
    }

    private static void Attempt(Action action, ref Exception? first)
    {
        try
        {
            action();
        }
        catch (Exception error)
        {
            first ??= error;
        }
    }
}
