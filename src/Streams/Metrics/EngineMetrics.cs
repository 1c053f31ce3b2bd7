using System.Diagnostics.Metrics;

namespace Streams.Runtime;

/// <summary>The meter "Streams.Engine". Counted per batch, never per record.</summary>
internal sealed class EngineMetrics : IDisposable
{
    // Boxed once: a tag is an object.
    private static readonly object[] Numbers = [.. Enumerable.Range(0, 64).Cast<object>()];

    private readonly Meter _meter;
    private readonly Counter<long> _processed;
    private readonly Counter<long> _dropped;
    private readonly Counter<long> _restored;
    private readonly Counter<long> _commits;
    private readonly Counter<long> _threadFailures;
    private readonly Counter<long> _tasksCreated;
    private readonly Counter<long> _tasksClosed;
    private readonly Histogram<double> _pollTime;
    private readonly Histogram<double> _processTime;
    private readonly Histogram<double> _punctuateTime;
    private readonly Histogram<double> _commitTime;
    private readonly Histogram<double> _age;
    private readonly KeyValuePair<string, object?> _application;

    /// <param name="applicationId">Tag of all that is measured.</param>
    /// <param name="tasks">The tasks of this instance.</param>
    /// <param name="threads">How many threads run, get ready and are dead.</param>
    /// <param name="meters">Makes the meter; null for one of no factory.</param>
    public EngineMetrics(
        string applicationId, Func<IReadOnlyList<StreamTask>> tasks, Func<(int Running, int Starting, int Dead)> threads, IMeterFactory? meters = null)
    {
        _meter = meters?.Create("Streams.Engine") ?? new Meter("Streams.Engine");
        _application = new("application", applicationId);
        _processed = _meter.CreateCounter<long>("streams.processed.records", "{record}", "Records taken from inputs and run through the topology, by subtopology.");
        _dropped = _meter.CreateCounter<long>("streams.dropped.records", "{record}", "Records skipped: no key or value, late, or unreadable.");
        _restored = _meter.CreateCounter<long>("streams.restore.records", "{record}", "Changelog records read back into stores.");
        _commits = _meter.CreateCounter<long>("streams.commits", "{commit}", "Commits of outputs, stores and offsets.");
        _threadFailures = _meter.CreateCounter<long>("streams.failed.threads", "{thread}", "Stream threads that failed.");
        _tasksCreated = _meter.CreateCounter<long>("streams.tasks.created", "{task}", "Tasks made.");
        _tasksClosed = _meter.CreateCounter<long>("streams.tasks.closed", "{task}", "Tasks closed or handed to other instances.");
        _pollTime = _meter.CreateHistogram<double>("streams.poll.duration", "s", "Time of a poll, waiting for records included.");
        _processTime = _meter.CreateHistogram<double>("streams.process.duration", "s", "Time to process what one poll brought.");
        _punctuateTime = _meter.CreateHistogram<double>("streams.punctuate.duration", "s", "Time of a task's punctuations by the wall clock.");
        _commitTime = _meter.CreateHistogram<double>("streams.commit.duration", "s", "Time of a commit: stores, outputs, offsets.");
        _age = _meter.CreateHistogram<double>("streams.record.e2e", "s", "Age of stream time after a batch: how old the newest record is when it has been processed.");
        _meter.CreateObservableGauge(
            "streams.tasks",
            () => new Measurement<int>[]
            {
                new(tasks().Count(t => t.State == TaskState.Running), _application, new("type", "active")),
                new(tasks().Count(t => t.State == TaskState.Restoring), _application, new("type", "restoring")),
            },
            "{task}",
            "Tasks by what they do.");
        _meter.CreateObservableGauge(
            "streams.threads",
            () =>
            {
                var (running, starting, dead) = threads();
                return new Measurement<int>[]
                {
                    new(running, _application, new("state", "running")),
                    new(starting, _application, new("state", "starting")),
                    new(dead, _application, new("state", "dead")),
                };
            },
            "{thread}",
            "Stream threads: running, getting their partitions and stores, or dead.");
        _meter.CreateObservableGauge(
            "streams.restore.remaining.records", () => Of(tasks().Sum(t => t.Stores.Sum(store => t.Lag(store.Name)))), "{record}", "Changelog records still to be read into stores.");
        _meter.CreateObservableGauge(
            "streams.input.buffer.records", () => Of(tasks().Sum(t => t.Queues.Sum(q => (long)q.Count))), "{record}", "Records read and not processed yet.");
        _meter.CreateObservableGauge(
            "streams.state_store.records", () => tasks().SelectMany(Entries).GroupBy(s => s.Store, s => s.Entries).Select(s =>
                new Measurement<long>(s.Sum(), _application, new("store", s.Key))), "{record}", "Entries of stores that count them, by store.");
        BeginAtZero();
    }

    /// <summary>What one subtopology did of a poll.</summary>
    public void Processed(int subtopology, long records) =>
        _processed.Add(records, _application, new("subtopology", subtopology < Numbers.Length ? Numbers[subtopology] : subtopology));

    public void Processed(long records, long dropped, TimeSpan took)
    {
        if (dropped > 0)
            _dropped.Add(dropped, _application);
        if (records > 0)
            _processTime.Record(took.TotalSeconds, _application);
    }

    public void Age(TimeSpan age) => _age.Record(Math.Max(0, age.TotalSeconds), _application);

    public void Polled(TimeSpan took) => _pollTime.Record(took.TotalSeconds, _application);

    public void Punctuated(TimeSpan took) => _punctuateTime.Record(took.TotalSeconds, _application);

    public void Restored(long records)
    {
        if (records > 0)
            _restored.Add(records, _application);
    }

    public void Committed(TimeSpan took)
    {
        _commits.Add(1, _application);
        _commitTime.Record(took.TotalSeconds, _application);
    }

    public void TaskCreated() => _tasksCreated.Add(1, _application);

    public void TaskClosed() => _tasksClosed.Add(1, _application);

    public void ThreadFailed() => _threadFailures.Add(1, _application);

    public void Dispose() => _meter.Dispose();

    private static IEnumerable<(string Store, long Entries)> Entries(StreamTask task) =>
        task.IsReady
            ? task.Stores.OfType<State.ICountable>().Select(store => (((IStateStore)store).Name, task.Gate.Read(() => store.EntryCount)))
            : [];

    // There from the beginning: a rate needs a point before the first record.
    private void BeginAtZero()
    {
        _dropped.Add(0, _application);
        _restored.Add(0, _application);
        _commits.Add(0, _application);
        _threadFailures.Add(0, _application);
        _tasksCreated.Add(0, _application);
        _tasksClosed.Add(0, _application);
    }

    private Measurement<long> Of(long value) => new(value, _application);
}
