using System.Diagnostics;
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
    private bool _isWaiting;

    public bool IsIdle => _tasks.Count == 0;

    /// <summary>Takes on a new task.</summary>
    /// <param name="task">The task.</param>
    /// <param name="startOf">Where reading of an input starts; null for its beginning.</param>
    public void Add(StreamTask task, Func<TopicPartition, long?> startOf)
    {
        _tasks.Add(task);
        foreach (var past in task.Pasts)
        {
            var partition = past.Changelog.Partition;
            _restorations.Add(partition, new(task, past, past.Changelog.IsInput ? startOf(partition) ?? 0 : long.MaxValue));
        }
    }

    public void Remove(StreamTask task)
    {
        if (!_tasks.Remove(task))
            return;

        foreach (var past in task.Pasts)
            _restorations.Remove(past.Changelog.Partition);
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
            _isWaiting = false;
        }
        catch (KafkaException error) when (error.Kind == KafkaErrorKind.Retriable)
        {
            if (!_isWaiting)
                RestorePaused(error.Message);
            _isWaiting = true;
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
            Begin(restoration, start, end);
            _assignmentStale |= !restoration.IsDone;
        }

        if (!_assignmentStale)
            return;

        Consumer.Assign([.. _restorations.Values.Where(r => r.HasBegun && !r.IsDone).Select(r => (r.Partition, r.Position))]);
        _assignmentStale = false;
    }

    /// <summary>Goes on where a store on disk ends, if its changelog still has that place.</summary>
    private void Begin(Restoration restoration, long start, long end)
    {
        using var gate = restoration.Task.Gate.EnterToWrite();
        var held = restoration.Past.RestoreFrom;
        var past = restoration.EndOf(end);
        if (held < Math.Min(start, past) || held > past)
        {
            // What was deleted from the changelog since is unknown, or it is another changelog: the rows cannot be trusted.
            StateDoesNotFit(restoration.Task.Id, held.Value, restoration.Partition, start, past);
            restoration.Past.Storage!.StartAnew(restoration.Partition);
            held = null;
        }

        restoration.Begin(held ?? start, end);
        if (!restoration.IsDone)
            RestoreStarted(restoration.Partition, restoration.Task.Id, restoration.Position, restoration.End);
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

    private void Apply(FetchedRecords records, int run, Restoration restoration)
    {
        var begun = Stopwatch.GetTimestamp();
        using var gate = restoration.Task.Gate.EnterToWrite();
        var length = records.RunLength(run);
        for (var i = 0; i < length; i++)
        {
            var record = records.Record(run, i);
            try
            {
                // A poll may bring more than the past: of an input topic that is read again.
                if (record.HasKey && record.Offset < restoration.End)
                    restoration.Past.Store.Restore(record.Key, record.Value, record.HasValue, record.TimestampMs);
            }
            catch (Exception error) when (error is not StreamsException)
            {
                throw new StreamsException(
                    $"The record at offset {record.Offset} of {restoration.Partition} cannot be restored to its store in task {restoration.Task.Id}: " +
                    $"{error.Message} The store's serdes must read what they wrote; after a change of format, reset the application.",
                    error);
            }
        }

        // A store that writes half of this to disk notes the place before it: putting rows twice does no harm.
        restoration.Advance(records.Record(run, length - 1).Offset + 1);
        restoration.Records += length;
        metrics.Took(restoration.Past.Store.Name, StoreOperation.Restore, Stopwatch.GetElapsedTime(begun));
    }

    private List<StreamTask> TakeFinished()
    {
        var finished = _tasks.Where(t => t.Pasts.All(p => _restorations[p.Changelog.Partition].IsDone)).ToList();
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

    [LoggerMessage(34, LogLevel.Warning,
        "Task {Task} holds a store up to offset {Held} of {Partition}, which has offsets {Start} to {End} now: the store is deleted and restored.")]
    private partial void StateDoesNotFit(TaskId task, long held, TopicPartition partition, long start, long end);

    [LoggerMessage(32, LogLevel.Warning, "Restoring waits for Kafka: {Reason} Trying on.")]
    private partial void RestorePaused(string reason);

    /// <summary>One changelog partition on its way into its store.</summary>
    /// <param name="task">Whose store it is.</param>
    /// <param name="past">The store and the changelog.</param>
    /// <param name="limit">The first offset of an input that is no past of the store yet.</param>
    private sealed class Restoration(StreamTask task, StorePast past, long limit)
    {
        private bool _reported;

        public StreamTask Task { get; } = task;

        public StorePast Past { get; } = past;

        public TopicPartition Partition => Past.Changelog.Partition;

        public long Position { get; private set; }

        /// <summary>The first offset that is no part of the past.</summary>
        public long End { get; private set; }

        public long Records { get; set; }

        public bool HasBegun { get; private set; }

        public bool IsDone => HasBegun && Position >= End;

        public long EndOf(long changelog) => Math.Min(changelog, limit);

        public void Begin(long from, long end)
        {
            (Position, End, HasBegun) = (from, EndOf(end), true);
            _reported = IsDone;
            Reached();
        }

        public void Advance(long position)
        {
            Position = Math.Max(Position, position);
            Reached();
        }

        private void Reached()
        {
            Past.Restored(Math.Min(Position, End));
            Task.ReportLag(Partition, Math.Max(0, End - Position));
        }

        public bool TryReport() => !_reported && (_reported = true);
    }
}
