using Kafka;
using Microsoft.Extensions.Logging;
using Streams.Processing;
using Streams.State;

namespace Streams.Runtime;

/// <summary>
/// One thread's life: poll, process, punctuate, commit, over the tasks whose partitions are its own. Everything here runs on that thread;
/// others see only <see cref="Tasks"/>.
/// </summary>
internal sealed partial class StreamThread : IGroupListener, IDisposable
{
    // Records of one task in a row, under one hold of its gate.
    private const int BatchRecords = 100;

    // Between two polls at most, while records wait: the group must hear from its member.
    private static readonly TimeSpan ProcessingSlice = TimeSpan.FromMilliseconds(500);

    // While calls are in flight: how long to wait for one of them before looking for new records.
    private static readonly TimeSpan CallWait = TimeSpan.FromMilliseconds(5);

    private readonly string _name;
    private readonly StreamConfig _config;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly EngineMetrics _metrics;
    private readonly KnownInputs _known;
    private readonly ILogProducer _producer;
    private readonly ILogConsumer _consumer;
    private readonly RecordCollector _collector;
    private readonly ChangelogRestorer _restorer;
    private readonly TaskSet _tasks;
    private readonly Action _onProgress;
    private readonly HashSet<TopicPartition> _paused = [];
    private readonly ThreadCommits _commits;
    private readonly WorkShare _work;
    private readonly List<Task> _calls = [];
    private readonly Func<TopicPartition, long?> _lag;

    private InputTopics _inputs;
    private IReadOnlyCollection<TopicPartition>? _assigned;
    private Exception? _listenerError;
    private bool _openingWaits;

    // Processing stopped while records waited: the next poll does not wait.
    private bool _cutShort;

    public StreamThread(string name, ThreadParts parts, Action onProgress, CancellationToken abort)
    {
        _name = name;
        (_config, _time, _logger, _metrics) = (parts.Config, parts.Time, parts.Logger, parts.Metrics);
        _onProgress = onProgress;
        _known = parts.Inputs;
        _inputs = _known.Current;
        _lag = Lag;
        _producer = parts.Client.CreateProducer(_config.Producer);
        _consumer = parts.Client.CreateConsumer(GroupSettings(_config));
        _collector = new(_producer, new SentRecords(keepBytes: _config.ProductionErrors is not null), _time, abort);
        _restorer = new(parts.Client, _config, _time, _metrics, _logger);
        _tasks = new(parts, _collector);
        _commits = new(name, parts, _consumer, _collector);
        _work = new(_time);
    }

    /// <summary>The thread's tasks, for queries.</summary>
    public IReadOnlyList<StreamTask> Tasks => _tasks.Published;

    /// <summary>What the thread's record caches share.</summary>
    public CacheBudget Cache => _tasks.Cache;

    /// <summary>The share of the last seconds in which it processed records, 0 to 1.</summary>
    public double ActiveRatio => _work.Ratio;

    /// <summary>Whether the group gave this thread its partitions and their stores are whole.</summary>
    public bool IsSettled { get; private set; }

    /// <summary>Runs until <paramref name="stop"/>; then finishes, commits and leaves the group.</summary>
    /// <exception cref="Exception">What the thread cannot go on after. Its tasks are closed; nothing more is committed.</exception>
    public void Run(CancellationToken stop)
    {
        try
        {
            _consumer.Subscribe(_inputs.Topics, this);
            while (!stop.IsCancellationRequested)
                RunOnce();
            _commits.Commit(_tasks.Running);
            _tasks.CloseAll();
            _consumer.Unsubscribe();
            ThreadStopped(_name);
        }
        finally
        {
            IsSettled = false;
            CloseAfterFailure();
        }
    }

    public void OnAssigned(IReadOnlyCollection<TopicPartition> partitions) => _assigned = [.. partitions];

    public void OnRevoked(IReadOnlyCollection<TopicPartition> partitions)
    {
        IsSettled = false;
        var leaving = _tasks.Of(partitions);
        try
        {
            // The partitions are still ours: what was done is committed before others go on from there.
            _commits.Commit(leaving.Where(t => t.State == TaskState.Running).ToList());
        }
        catch (Exception error)
        {
            // It must not fly through the client's native frames; Poll's caller gets it.
            _listenerError ??= error;
        }

        foreach (var task in leaving)
            Suspend(task);
        _onProgress();
    }

    public void OnLost(IReadOnlyCollection<TopicPartition> partitions)
    {
        IsSettled = false;
        PartitionsLost(_name, partitions.Count);

        // Others may have written to the changelogs since: the stores are no longer what the changelogs say.
        foreach (var task in _tasks.Of(partitions))
            Drop(task);
        _onProgress();
    }

    public void Dispose()
    {
        _restorer.Dispose();
        _consumer.Dispose();
        _producer.DisposeAsync().AsTask().GetAwaiter().GetResult();
    }

    private void RunOnce()
    {
        if (_known.Current is var inputs && inputs != _inputs)
        {
            // The group shares out again, with the new topics; the tasks that get one are made anew.
            _inputs = inputs;
            _consumer.Subscribe(_inputs.Topics, this);
        }

        var polling = _time.GetTimestamp();
        using (var records = _consumer.Poll(PollTimeout(), _config.PollRecordsMax))
        {
            _metrics.Polled(_time.GetElapsedTime(polling));
            if (_listenerError is { } error)
            {
                _listenerError = null;
                throw error;
            }

            if (_assigned is { } assigned)
            {
                _assigned = null;
                TakeOver(assigned);
            }

            Enqueue(records);
        }

        if (_tasks.HasUnopened)
            Open();
        if (!_restorer.IsIdle)
            Restore();
        Process();
        if (!_cutShort)
            WaitForCall();
        if (_commits.IsDue(_tasks))
            _commits.Commit(_tasks.Running);
        PauseFull();
    }

    private TimeSpan PollTimeout()
    {
        if (!_restorer.IsIdle || _cutShort || _tasks.AwaitsCalls)
            return TimeSpan.Zero;

        var timeout = _config.PollTimeout;
        if (_tasks.CommitNeeded)
            timeout = Least(timeout, _commits.UntilDue);
        if (_tasks.NextWallClockPunctuation is var due and < long.MaxValue)
            timeout = Least(timeout, TimeSpan.FromMilliseconds(Math.Max(0, due - _time.GetUtcNow().ToUnixTimeMilliseconds())));
        return timeout;
    }

    private void TakeOver(IReadOnlyCollection<TopicPartition> assigned)
    {
        _paused.IntersectWith(assigned);
        foreach (var task in _tasks.Leaving(assigned))
            Drop(task);
        _tasks.Assign(assigned, _inputs);

        // A task that kept its stores through the rebalance goes on at once; nobody else wrote to its changelogs.
        foreach (var task in _tasks.Resumable)
        {
            task.MoveTo(TaskState.Restoring);
            task.Start();
        }

        TasksAssigned(_name, _tasks.Published.Count, string.Join(", ", _tasks.Published.Select(t => t.Id)));
        Settle();
    }

    private void Enqueue(FetchedRecords records)
    {
        for (var run = 0; run < records.RunCount; run++)
            _tasks.Owner(records.Partition(run))?.Add(records, run);
    }

    /// <summary>New tasks learn where their inputs stand, then their stores are restored.</summary>
    private void Open()
    {
        if (!_tasks.TryOpen(_consumer, out var opened, out var reason))
        {
            // Once: it is asked again each second for as long as Kafka is away.
            if (!_openingWaits)
                OpeningWaits(_name, reason);
            _openingWaits = true;
            return;
        }

        _openingWaits &= opened.Count == 0;
        foreach (var task in opened)
        {
            task.MoveTo(TaskState.Restoring);
            _restorer.Add(task, _tasks.StartOf);
        }
    }

    private void Restore()
    {
        // The group's consumer is polled in between, without waiting; so the wait is short.
        foreach (var task in _restorer.Step(TimeSpan.FromMilliseconds(50)))
            task.Start();
        Settle();
    }

    private void Settle()
    {
        if (IsSettled || _tasks.HasUnopened || !_restorer.IsIdle)
            return;

        IsSettled = true;
        _onProgress();
    }

    private void Process()
    {
        var start = _time.GetTimestamp();
        long processed = 0;
        bool progress;
        do
        {
            progress = false;
            foreach (var task in _tasks.Running)
            {
                using var gate = task.Gate.EnterToWrite();
                var punctuating = _time.GetTimestamp();
                if (task.PunctuateWallClock())
                {
                    progress = true;
                    _metrics.Punctuated(_time.GetElapsedTime(punctuating));
                }

                if (task.Context.Async.SendCompleted() > 0)
                    progress = true;
                var batch = ProcessBatch(task);
                if (batch > 0)
                    Measure(task, batch);
                processed += batch;
                progress |= batch > 0;
            }
        }
        while (progress && _time.GetElapsedTime(start) < ProcessingSlice && !_commits.IsDue(_tasks));

        _cutShort = progress;
        var took = _time.GetElapsedTime(start);
        _tasks.ReportDropped();
        _work.Add(processed > 0 ? took : TimeSpan.Zero);
        if (processed > 0)
            _metrics.Processed(took);
    }

    private void Measure(StreamTask task, int batch)
    {
        _metrics.Processed(task.Id.Subtopology, batch);
        _metrics.Lateness(TimeSpan.FromMilliseconds(task.TakeLateness()));
        if (task.Context.StreamTime != TaskContext.NoTimestamp)
            _metrics.Age(TimeSpan.FromMilliseconds(_time.GetUtcNow().ToUnixTimeMilliseconds() - task.Context.StreamTime));
    }

    private int ProcessBatch(StreamTask task)
    {
        var count = 0;
        while (count < BatchRecords && !task.Context.Async.IsFull && task.MayProcess(_lag) && task.ProcessOne())
        {
            count++;
            task.PunctuateStreamTime();
            task.Gate.LetReadersIn();
        }

        return count;
    }

    /// <summary>Calls in flight and nothing else to do: waits for the first of them, but not so long that new records would wait for it.</summary>
    private void WaitForCall()
    {
        _calls.Clear();
        foreach (var task in _tasks.Running)
            task.Context.Async.CollectOldest(_calls);
        if (_calls.Count > 0)
            Task.WaitAny([.. _calls], CallWait);
    }

    // Paused partitions keep their place; polling goes on for the group's sake.
    private void PauseFull()
    {
        foreach (var task in _tasks.Published)
        {
            foreach (var queue in task.Queues)
            {
                if (queue.Count >= _config.BufferedRecordsPerPartition && _paused.Add(queue.Partition))
                    _consumer.Pause([queue.Partition]);
                else if (queue.Count <= _config.BufferedRecordsPerPartition / 2 && _paused.Remove(queue.Partition))
                    _consumer.Resume([queue.Partition]);
            }
        }
    }

    private long? Lag(TopicPartition partition)
    {
        var position = _consumer.Position(partition) ?? _tasks.StartOf(partition);
        return position is { } p && _consumer.CachedEndOffset(partition) is { } end ? Math.Max(0, end - p) : null;
    }

    private void Suspend(StreamTask task)
    {
        if (task.State is TaskState.Created or TaskState.Restoring)
        {
            // Half a store is no store.
            Drop(task);
            return;
        }

        if (task.State == TaskState.Running)
            task.Suspend();
    }

    private void Drop(StreamTask task)
    {
        _restorer.Remove(task);
        _tasks.Remove(task);
        try
        {
            using var gate = task.Gate.EnterToWrite();
            task.Close();
        }
        catch (StreamsException error)
        {
            CloseFailed(_name, error);
        }
    }

    private void CloseAfterFailure()
    {
        foreach (var task in _tasks.Published)
            Drop(task);
        _onProgress();
    }

    private static TimeSpan Least(TimeSpan left, TimeSpan right) =>
        right < TimeSpan.Zero ? TimeSpan.Zero : left < right ? left : right;

    private static ConsumerSettings GroupSettings(StreamConfig config) => new()
    {
        GroupId = config.ApplicationId,
        AutoOffsetReset = config.Consumer.AutoOffsetReset,
        ReadCommitted = config.Consumer.ReadCommitted,
        PrefetchBytesMax = config.Consumer.PrefetchBytesMax,
        SessionTimeout = config.Consumer.SessionTimeout,
        PollIntervalMax = config.Consumer.PollIntervalMax,
    };

    [LoggerMessage(10, LogLevel.Information, "Thread {Thread} has {Count} tasks: {Tasks}.")]
    private partial void TasksAssigned(string thread, int count, string tasks);

    [LoggerMessage(11, LogLevel.Warning, "Thread {Thread} lost {Count} partitions to others before it could hand them over; they go on from the last commit.")]
    private partial void PartitionsLost(string thread, int count);

    [LoggerMessage(14, LogLevel.Warning, "Thread {Thread} waits to hear where its inputs stand: {Reason}")]
    private partial void OpeningWaits(string thread, string reason);

    [LoggerMessage(15, LogLevel.Error, "Thread {Thread} closed a task that did not close cleanly.")]
    private partial void CloseFailed(string thread, Exception error);

    [LoggerMessage(16, LogLevel.Information, "Thread {Thread} stopped; everything processed is committed.")]
    private partial void ThreadStopped(string thread);
}
