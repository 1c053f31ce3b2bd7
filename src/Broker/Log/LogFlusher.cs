using System.Diagnostics;

namespace Broker.Log;

/// <summary>Forces appended data to disk on one thread of its own: by the clock, or for whoever waits (see <see cref="FlushPolicy"/>).</summary>
/// <remarks>
/// Under <see cref="FlushPolicy.Always"/> appends that arrive while an fsync runs form the next group, and one more fsync serves them
/// all: the slower the disk, the larger the groups. At most one group runs and one gathers, so there is no queue to bound; what waits
/// is bounded by the connections' requests.
/// </remarks>
internal sealed class LogFlusher : IDisposable
{
    private readonly FlushPolicy _policy;
    private readonly BrokerMetrics _metrics;
    private readonly AutoResetEvent _wake = new(initialState: false);
    private readonly ITimer? _clock;
    private readonly Thread _thread;
    private readonly Lock _gate = new();
    private Group _gathering = new();
    private bool _stopping;

    public LogFlusher(FlushPolicy policy, TimeSpan interval, TimeProvider time, BrokerMetrics metrics)
    {
        _policy = policy;
        _metrics = metrics;
        if (policy == FlushPolicy.Os)
            _clock = time.CreateTimer(static wake => ((AutoResetEvent)wake!).Set(), _wake, interval, interval);
        _thread = new Thread(Run) { IsBackground = true, Name = "broker-flush" };
        _thread.Start();
    }

    public FlushPolicy Policy => _policy;

    /// <summary>Says that <paramref name="log"/> has data to flush.</summary>
    /// <returns>Done when an acknowledgement may be sent: at once under <see cref="FlushPolicy.Os"/>, else after the fsync.</returns>
    public Task MarkDirty(PartitionLog log)
    {
        Task flushed;
        lock (_gate)
        {
            _gathering.Logs.Add(log);
            flushed = _gathering.Flushed.Task;
        }

        if (_policy == FlushPolicy.Os)
            return Task.CompletedTask;
        _wake.Set();
        return flushed;
    }

    /// <summary>Flushes what is dirty now, whatever the policy.</summary>
    public Task FlushNowAsync()
    {
        lock (_gate)
        {
            var flushed = _gathering.Flushed.Task;
            _wake.Set();
            return flushed;
        }
    }

    /// <summary>Ends the thread after a last flush.</summary>
    public void Dispose()
    {
        if (Volatile.Read(ref _stopping))
            return;
        _clock?.Dispose();
        Volatile.Write(ref _stopping, true);
        _wake.Set();
        _thread.Join();
        _wake.Dispose();
    }

    private void Run()
    {
        while (true)
        {
            _wake.WaitOne();
            var last = Volatile.Read(ref _stopping);
            FlushGroup();
            if (last)
                return;
        }
    }

    private void FlushGroup()
    {
        Group group;
        lock (_gate)
            (group, _gathering) = (_gathering, new());

        if (group.Logs.Count > 0)
        {
            var started = Stopwatch.GetTimestamp();
            foreach (var log in group.Logs)
                log.Flush();
            _metrics.Flushed(Stopwatch.GetElapsedTime(started));
        }

        // Whether it worked is each log's to say: those that failed refuse from here on (PartitionLog.Failed).
        group.Flushed.SetResult();
    }

    private sealed class Group
    {
        public HashSet<PartitionLog> Logs { get; } = [];

        public TaskCompletionSource Flushed { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
