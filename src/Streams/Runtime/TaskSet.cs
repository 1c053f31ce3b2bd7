using System.Diagnostics.CodeAnalysis;
using Kafka;
using Microsoft.Extensions.Logging;
using Streams.Processing;
using Streams.State;

namespace Streams.Runtime;

/// <summary>The tasks of one thread: made and dropped as partitions come and go.</summary>
internal sealed partial class TaskSet(ThreadParts parts, RecordCollector collector)
{
    private static readonly TimeSpan AskTimeout = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan RetryPause = TimeSpan.FromSeconds(1);

    private readonly SortedDictionary<TaskId, StreamTask> _tasks = [];
    private readonly Dictionary<TopicPartition, StreamTask> _owners = [];
    private readonly Dictionary<TopicPartition, long> _starts = [];
    private readonly RecordErrors _errors = new(parts.Config, collector.Wait, parts.Logger);
    private readonly StateSettings _state = StateSettings.Of(parts.Config) with { StateLost = error => StateLost(parts.Logger, error.Message) };
    private volatile StreamTask[] _published = [];
    private List<StreamTask> _running = [];
    private int _runningVersion = -1;
    private int _version;
    private long _openNotBefore;

    /// <summary>What the record caches of the tasks share.</summary>
    public CacheBudget Cache => _state.Cache;

    /// <summary>All tasks, by id. Safe to read from any thread.</summary>
    public IReadOnlyList<StreamTask> Published => _published;

    /// <summary>The tasks that process.</summary>
    public IReadOnlyList<StreamTask> Running
    {
        get
        {
            var version = _version;
            foreach (var task in _published)
                version = (version * 31) + (int)task.State;
            if (version != _runningVersion)
                (_running, _runningVersion) = ([.. _published.Where(t => t.State == TaskState.Running)], version);
            return _running;
        }
    }

    public bool HasUnopened => Array.Exists(_published, t => t.State == TaskState.Created);

    public IReadOnlyList<StreamTask> Resumable => [.. _published.Where(t => t.State == TaskState.Suspended)];

    public bool CommitNeeded
    {
        get
        {
            foreach (var task in _published)
            {
                if (task.CommitNeeded)
                    return true;
            }

            return false;
        }
    }

    public bool CommitRequested
    {
        get
        {
            foreach (var task in _published)
            {
                if (task.CommitRequested)
                    return true;
            }

            return false;
        }
    }

    /// <summary>Whether a running task has calls in flight.</summary>
    public bool AwaitsCalls
    {
        get
        {
            foreach (var task in Running)
            {
                if (task.Context.Async.IsWaiting)
                    return true;
            }

            return false;
        }
    }

    public long NextWallClockPunctuation
    {
        get
        {
            var next = long.MaxValue;
            foreach (var task in Running)
                next = Math.Min(next, task.Context.WallClockPunctuations.NextDue);
            return next;
        }
    }

    public StreamTask? Owner(TopicPartition partition) => _owners.GetValueOrDefault(partition);

    public IReadOnlyList<StreamTask> Of(IReadOnlyCollection<TopicPartition> partitions) =>
        [.. partitions.Select(Owner).OfType<StreamTask>().Distinct()];

    /// <summary>Where reading of a partition starts; null where it is not known.</summary>
    public long? StartOf(TopicPartition partition) => _starts.TryGetValue(partition, out var start) ? start : null;

    /// <summary>The tasks that are no part of an assignment, or not with the inputs they have: for the caller to close before <see cref="Assign"/>.</summary>
    public IReadOnlyList<StreamTask> Leaving(IReadOnlyCollection<TopicPartition> partitions)
    {
        var assigned = partitions.ToLookup(IdOf);
        return [.. _published.Where(t => !assigned[t.Id].ToHashSet().SetEquals(t.Queues.Select(q => q.Partition)))];
    }

    /// <summary>Makes the tasks of an assignment that are not there yet.</summary>
    /// <param name="partitions">The assignment.</param>
    /// <param name="inputs">What the thread is subscribed to.</param>
    public void Assign(IReadOnlyCollection<TopicPartition> partitions, InputTopics inputs)
    {
        foreach (var task in partitions.GroupBy(IdOf).Where(t => !_tasks.ContainsKey(t.Key)))
        {
            var subtopology = parts.Topology.ReaderOf(task.First().Topic)!;
            var missing = subtopology.Sources.SelectMany(parts.Topology.Topics.ReadBy)
                .Where(t => inputs.Has(t, task.Key.Partition))
                .Select(t => new TopicPartition(t, task.Key.Partition))
                .Except(task)
                .ToList();
            if (missing.Count == 0)
                Make(task.Key, subtopology, inputs);
            else if (!parts.Topology.HasPatterns)
            {
                throw new StreamsException(
                    $"Task {task.Key} was assigned without its input {missing[0]}: the group's assignor must keep partitions of one number together, as 'range' does.");
            }

            // Else another member has the rest, which has not heard of the new topic yet: when it has, the group shares out again.
        }

        Publish();
    }

    public void Remove(StreamTask task)
    {
        if (_tasks.Remove(task.Id))
            parts.Metrics.TaskClosed();
        foreach (var queue in task.Queues)
        {
            _owners.Remove(queue.Partition);
            _starts.Remove(queue.Partition);
        }

        Publish();
    }

    /// <summary>Asks where the inputs of new tasks stand: their stream time, and for tasks of several inputs their start.</summary>
    /// <returns>False where Kafka did not answer; asked again after a pause.</returns>
    public bool TryOpen(ILogConsumer consumer, out IReadOnlyList<StreamTask> opened, [NotNullWhen(false)] out string? reason)
    {
        (opened, reason) = ([], null);
        if (parts.Time.GetTimestamp() < _openNotBefore)
            return true;

        var created = _published.Where(t => t.State == TaskState.Created).ToList();
        try
        {
            var partitions = created.SelectMany(t => t.Queues).Select(q => q.Partition).ToList();
            foreach (var committed in consumer.Committed(partitions, AskTimeout))
            {
                if (Owner(committed.TopicPartition) is { } owner)
                    Resume(owner, committed);
                _starts[committed.TopicPartition] = committed.Offset;
            }

            foreach (var task in created.Where(t => t.Queues.Count > 1))
            {
                foreach (var queue in task.Queues)
                {
                    if (!_starts.ContainsKey(queue.Partition))
                        _starts[queue.Partition] = Start(consumer.Watermarks(queue.Partition, AskTimeout));
                }
            }
        }
        catch (KafkaException error) when (error.Kind == KafkaErrorKind.Retriable)
        {
            reason = error.Message;
            _openNotBefore = parts.Time.GetTimestamp() + (long)(RetryPause.TotalSeconds * parts.Time.TimestampFrequency);
            return false;
        }

        opened = created;
        return true;
    }

    /// <summary>Tells how many records were dropped since the last call, and why.</summary>
    public void ReportDropped()
    {
        foreach (var task in _published)
            parts.Metrics.Dropped(task.Context);
    }

    public void CloseAll()
    {
        foreach (var task in _published)
        {
            using (task.Gate.EnterToWrite())
                task.Close();
            Remove(task);
        }
    }

    private void Resume(StreamTask task, CommittedOffset committed)
    {
        if (!OffsetMetadata.TryDecode(committed.Metadata, out var time, task.Context.Metadata, out var problem))
            MetadataUnreadable(parts.Logger, task.Id, committed.TopicPartition, problem);
        task.Queue(committed.TopicPartition).ResumeAt(time);
    }

    private TaskId IdOf(TopicPartition partition) =>
        parts.Topology.ReaderOf(partition.Topic) is { } subtopology
            ? new(subtopology.Id, partition.Partition)
            : throw new StreamsException(
                $"The group assigned {partition}, which the topology does not read: do two applications share the id '{parts.Config.ApplicationId}'?");

    private long Start((long Start, long End) watermarks) =>
        parts.Config.Consumer.AutoOffsetReset == StartOffset.Latest ? watermarks.End : watermarks.Start;

    private void Make(TaskId id, Subtopology subtopology, InputTopics inputs)
    {
        var context = new TaskContext(id, parts.Config.ApplicationId, collector, _errors, parts.Time)
        {
            DefaultTimestampExtractor = parts.Config.DefaultTimestampExtractor,
            State = _state,
            GlobalStores = parts.GlobalStores,
            StoreTimes = parts.Metrics,
        };
        var task = new StreamTask(id, subtopology, parts.Topology.Topics, context, inputs, parts.Config.TaskIdleMax);
        _tasks.Add(id, task);
        parts.Metrics.TaskCreated();
        foreach (var queue in task.Queues)
            _owners.Add(queue.Partition, task);
    }

    private void Publish()
    {
        _published = [.. _tasks.Values];
        _version++;
    }

    [LoggerMessage(33, LogLevel.Warning, "{Reason} It was deleted now.")]
    private static partial void StateLost(ILogger logger, string reason);

    [LoggerMessage(35, LogLevel.Warning,
        "The metadata of the offset that is committed for {Partition} cannot be read: {Problem}. Task {Task} goes on without the stream time and the final results noted there; final results may be sent again.")]
    private static partial void MetadataUnreadable(ILogger logger, TaskId task, TopicPartition partition, string problem);
}
