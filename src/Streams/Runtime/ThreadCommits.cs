using Kafka;
using Microsoft.Extensions.Logging;

namespace Streams.Runtime;

/// <summary>A thread's commits: when one is due, what it does, and what becomes of one that fails.</summary>
/// <remarks>
/// A commit goes, for all tasks together: (1) caches and stores are flushed, (2) the producer is flushed once, (3) offsets are committed. Whatever
/// fails before (3), the records are read again: at least once.
/// </remarks>
internal sealed partial class ThreadCommits
{
    // A commit that failed is not tried again at once, however short the interval.
    private static readonly TimeSpan RetryPause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(10);

    private readonly string _thread;
    private readonly TimeSpan _interval;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly EngineMetrics _metrics;
    private readonly ILogConsumer _consumer;
    private readonly RecordCollector _collector;
    private readonly List<CommittedOffset> _offsets = [];

    private long _committedAt;
    private long _notBefore;
    private bool _failing;

    public ThreadCommits(string thread, ThreadParts parts, ILogConsumer consumer, RecordCollector collector)
    {
        (_thread, _interval) = (thread, parts.Config.CommitInterval);
        (_time, _logger, _metrics) = (parts.Time, parts.Logger, parts.Metrics);
        (_consumer, _collector) = (consumer, collector);
        _committedAt = _time.GetTimestamp();
    }

    /// <summary>How long until the next commit by the interval; zero or less where it is due.</summary>
    public TimeSpan UntilDue
    {
        get
        {
            var interval = _interval - _time.GetElapsedTime(_committedAt);
            var pause = _time.GetElapsedTime(_time.GetTimestamp(), _notBefore);
            return interval > pause ? interval : pause;
        }
    }

    /// <summary>Whether to commit now: what was asked for waits for no interval.</summary>
    public bool IsDue(TaskSet tasks) =>
        tasks.CommitNeeded && (tasks.CommitRequested ? _time.GetTimestamp() >= _notBefore : UntilDue <= TimeSpan.Zero);

    /// <summary>Commits what <paramref name="tasks"/> did. Where Kafka cannot take the offsets now, it is done again later.</summary>
    public void Commit(IReadOnlyList<StreamTask> tasks)
    {
        var start = _time.GetTimestamp();
        _committedAt = start;
        _offsets.Clear();
        foreach (var task in tasks)
        {
            if (!task.CommitNeeded)
                continue;

            using var gate = task.Gate.EnterToWrite();
            task.FlushCaches();
            task.FlushStores();
            task.CollectOffsets(_offsets);
        }

        _collector.Flush();
        try
        {
            _consumer.Commit(_offsets, Timeout);
        }
        catch (KafkaException error) when (error.Kind == KafkaErrorKind.Retriable)
        {
            // What was done is safe already; saying so can wait.
            if (!_failing)
                CommitWaits(_thread, error.Message);
            _failing = true;
            _notBefore = _time.GetTimestamp() + (long)(RetryPause.TotalSeconds * _time.TimestampFrequency);
            return;
        }

        if (_failing)
            CommitWorksAgain(_thread);
        _failing = false;
        foreach (var task in tasks)
        {
            // Stores on disk move rows from memory to there.
            using var gate = task.Gate.EnterToWrite();
            task.Committed();
        }

        if (_offsets.Count > 0)
            _metrics.Committed(_time.GetElapsedTime(start));
    }

    [LoggerMessage(12, LogLevel.Warning, "Thread {Thread} cannot commit now and tries again each second: {Reason}")]
    private partial void CommitWaits(string thread, string reason);

    [LoggerMessage(13, LogLevel.Information, "Thread {Thread} commits again.")]
    private partial void CommitWorksAgain(string thread);
}
