using Kafka;
using Microsoft.Extensions.Logging;
using Streams.State;

namespace Streams.Runtime;

/// <summary>
/// Fills the stores of new tasks from their changelogs, a batch at a time, beside a consumer of its own that is in no group. A changelog is
/// done when the consumer's <em>position</em> reaches the end that it had at the start: the last record's offset would miss control records
/// and compacted tails.
/// </summary>
internal sealed partial class ChangelogRestorer(ILogClient client, StreamConfig config, TimeProvider time, EngineMetrics metrics, ILogger logger)
    : IDisposable
{
    private static readonly TimeSpan AskTimeout = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan RetryPause = TimeSpan.FromSeconds(1);

    private readonly Dictionary<TopicPartition, Restoration> _restorations = [];
    private readonly HashSet<StreamTask> _tasks = [];
    private ILogConsumer? _consumer;
    private bool _assignmentStale;
    private long _notBefore;

    public bool IsIdle => _tasks.Count == 0;

    /// <summary>Takes on a new task.</summary>
    /// <param name="task">The task.</param>
    /// <param name="startOf">Where reading of an input starts; null for its beginning.</param>
    public void Add(StreamTask task, Func<TopicPartition, long?> startOf)
    {
        _tasks.Add(task);
        foreach (var (store, changelog) in task.Changelogs)
        {
            var limit = changelog.IsInput ? startOf(changelog.Partition) ?? 0 : long.MaxValue;
            _restorations.Add(changelog.Partition, new(task, store, changelog.Partition, limit));
        }
    }

    public void Remove(StreamTask task)
    {
        if (!_tasks.Remove(task))
            return;

        foreach (var (_, changelog) in task.Changelogs)
            _restorations.Remove(changelog.Partition);
        _assignmentStale = true;
    }

    /// <summary>Goes on for one batch. Kafka out of reach is waited out, not reported.</summary>
    /// <returns>The tasks whose stores are whole now.</returns>
    public IReadOnlyList<StreamTask> Step(TimeSpan timeout)
    {
        if (IsIdle || time.GetTimestamp() < _notBefore)
            return [];

        try
        {
            Begin();
            if (_restorations.Values.Any(r => !r.IsDone))
                Apply(timeout);
        }
        catch (KafkaException error) when (error.Kind == KafkaErrorKind.Retriable)
        {
            RestorePaused(error.Message, RetryPause);
            _notBefore = time.GetTimestamp() + (long)(RetryPause.TotalSeconds * time.TimestampFrequency);
            return [];
        }

        return TakeFinished();
    }

    public void Dispose() => _consumer?.Dispose();

    // Ends are asked once, before the first record is read: what the task itself writes afterwards is no part of its past.
    private void Begin()
    {
        foreach (var restoration in _restorations.Values)
        {
            if (restoration.HasBegun)
                continue;

            var (start, end) = Consumer.Watermarks(restoration.Partition, AskTimeout);
            restoration.Begin(start, end);
            _assignmentStale |= !restoration.IsDone;
            if (!restoration.IsDone)
                RestoreStarted(restoration.Partition, restoration.Task.Id, start, end);
        }

        if (!_assignmentStale)
            return;

        Consumer.Assign([.. _restorations.Values.Where(r => r.HasBegun && !r.IsDone).Select(r => (r.Partition, r.Position))]);
        _assignmentStale = false;
    }

    private void Apply(TimeSpan timeout)
    {
        using var records = Consumer.Poll(timeout, config.PollRecordsMax);
        for (var run = 0; run < records.RunCount; run++)
        {
            if (_restorations.TryGetValue(records.Partition(run), out var restoration))
                Apply(records, run, restoration);
        }

        metrics.Restored(records.Count);
        foreach (var restoration in _restorations.Values)
        {
            if (!restoration.IsDone && Consumer.Position(restoration.Partition) is { } position)
                restoration.Advance(position);
            if (restoration.IsDone && restoration.TryReport())
                RestoreEnded(restoration.Partition, restoration.Task.Id, restoration.Records);
        }
    }

    private static void Apply(FetchedRecords records, int run, Restoration restoration)
    {
        using var gate = restoration.Task.Gate.EnterToWrite();
        var length = records.RunLength(run);
        for (var i = 0; i < length; i++)
        {
            var record = records.Record(run, i);
            try
            {
                // A poll may bring more than the past: of an input topic that is read again.
                if (record.HasKey && record.Offset < restoration.End)
                    restoration.Store.Restore(record.Key, record.Value, record.HasValue, record.TimestampMs);
            }
            catch (Exception error) when (error is not StreamsException)
            {
                throw new StreamsException(
                    $"The record at offset {record.Offset} of {restoration.Partition} cannot be restored to its store in task {restoration.Task.Id}: " +
                    $"{error.Message} The store's serdes must read what they wrote; after a change of format, reset the application.",
                    error);
            }

            restoration.Advance(record.Offset + 1);
        }

        restoration.Records += length;
    }

    private List<StreamTask> TakeFinished()
    {
        var finished = _tasks.Where(t => t.Changelogs.All(c => _restorations[c.Changelog.Partition].IsDone)).ToList();
        foreach (var task in finished)
            Remove(task);
        return finished;
    }

    private ILogConsumer Consumer => _consumer ??= client.CreateConsumer(new ConsumerSettings
    {
        GroupId = null,
        AutoOffsetReset = StartOffset.Earliest,
        ReadCommitted = true,
        PrefetchBytesMax = config.Consumer.PrefetchBytesMax,
    });

    [LoggerMessage(30, LogLevel.Information, "Task {Task} restores a store from {Partition}, offsets {Start} to {End}.")]
    private partial void RestoreStarted(TopicPartition partition, TaskId task, long start, long end);

    [LoggerMessage(31, LogLevel.Information, "Task {Task} restored a store from {Partition}: {Records} records.")]
    private partial void RestoreEnded(TopicPartition partition, TaskId task, long records);

    [LoggerMessage(32, LogLevel.Warning, "Restoring waits for Kafka: {Reason} Trying again in {Pause}.")]
    private partial void RestorePaused(string reason, TimeSpan pause);

    /// <summary>One changelog partition on its way into its store.</summary>
    private sealed class Restoration(StreamTask task, IRestorable store, TopicPartition partition, long limit)
    {
        private bool _reported;

        public StreamTask Task { get; } = task;

        public IRestorable Store { get; } = store;

        public TopicPartition Partition { get; } = partition;

        public long Position { get; private set; }

        /// <summary>The first offset that is no part of the past.</summary>
        public long End { get; private set; }

        public long Records { get; set; }

        public bool HasBegun { get; private set; }

        public bool IsDone => HasBegun && Position >= End;

        public void Begin(long start, long end)
        {
            (Position, End, HasBegun) = (start, Math.Min(end, limit), true);
            _reported = IsDone;
            Task.ReportLag(Partition, Math.Max(0, End - Position));
        }

        public void Advance(long position)
        {
            Position = Math.Max(Position, position);
            Task.ReportLag(Partition, Math.Max(0, End - Position));
        }

        public bool TryReport() => !_reported && (_reported = true);
    }
}
