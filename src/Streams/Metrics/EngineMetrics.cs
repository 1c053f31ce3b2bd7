using System.Diagnostics.Metrics;
using Streams.Processing;
using Streams.Query;
using Streams.State;

namespace Streams.Runtime;

/// <summary>The meter "Streams.Engine". Counted per batch, never per record.</summary>
internal sealed class EngineMetrics : IStoreTimes, IDisposable
{
    // Boxed once: a tag is an object.
    private static readonly object[] Numbers = [.. Enumerable.Range(0, 64).Cast<object>()];
    private static readonly object[] Reasons = [.. DropCounts.Reasons.Select(reason => Label(reason.ToString()))];
    private static readonly object[] Operations = [.. Enum.GetNames<StoreOperation>().Select(Label)];
    private static readonly object[] Results = [.. Enum.GetNames<QueryResult>().Select(Label)];

    // Most operations are in memory; a slow disk shows at the other end.
    private static readonly InstrumentAdvice<double> OfMicroseconds = new()
    {
        HistogramBucketBoundaries = [1e-6, 2.5e-6, 5e-6, 1e-5, 2.5e-5, 5e-5, 1e-4, 2.5e-4, 1e-3, 1e-2, 0.1, 1],
    };

    private static readonly InstrumentAdvice<double> OfDays = new() { HistogramBucketBoundaries = [0, 0.01, 0.1, 1, 10, 60, 600, 3600, 86400] };

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
    private readonly Histogram<double> _storeTime;
    private readonly Histogram<double> _lateness;
    private readonly Histogram<double> _queryTime;
    private readonly Counter<long> _queries;
    private readonly KeyValuePair<string, object?> _application;

    /// <param name="applicationId">Tag of all that is measured.</param>
    /// <param name="meters">Makes the meter; null for one of no factory.</param>
    public EngineMetrics(string applicationId, IMeterFactory? meters = null)
    {
        _meter = meters?.Create("Streams.Engine") ?? new Meter("Streams.Engine");
        _application = new("application", applicationId);
        _processed = _meter.CreateCounter<long>("streams.processed.records", "{record}", "Records taken from inputs and run through the topology, by subtopology.");
        _dropped = _meter.CreateCounter<long>("streams.dropped.records", "{record}", "Records skipped, by reason.");
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
        _storeTime = _meter.CreateHistogram(
            "streams.state_store.operation.duration", "s", "Time of a store's operations, one of 251 timed; of a restored batch each.", advice: OfMicroseconds);
        _lateness = _meter.CreateHistogram(
            "streams.record.lateness", "s", "How far behind stream time the latest record of a batch was.", advice: OfDays);
        _queries = _meter.CreateCounter<long>("streams.interactive_query.requests", "{request}", "Questions to stores of this instance, by store and result.");
        _queryTime = _meter.CreateHistogram<double>("streams.interactive_query.duration", "s", "Time from a question to its last row, the asker's own work on rows included.");
        BeginAtZero();
    }

    /// <summary>What one subtopology did of a poll.</summary>
    public void Processed(int subtopology, long records) =>
        _processed.Add(records, _application, new("subtopology", subtopology < Numbers.Length ? Numbers[subtopology] : subtopology));

    public void Processed(TimeSpan took) => _processTime.Record(took.TotalSeconds, _application);

    /// <summary>What a task dropped since the last call.</summary>
    public void Dropped(TaskContext task)
    {
        foreach (var reason in DropCounts.Reasons)
        {
            if (task.TakeDropped(reason) is var dropped and > 0)
                _dropped.Add(dropped, _application, new("reason", Reasons[(int)reason]));
        }
    }

    public void Lateness(TimeSpan lateness) => _lateness.Record(lateness.TotalSeconds, _application);

    public void Took(string store, StoreOperation operation, TimeSpan time) =>
        _storeTime.Record(time.TotalSeconds, _application, new("store", store), new("operation", Operations[(int)operation]));

    public void Answered(string store, QueryResult result, TimeSpan took)
    {
        _queries.Add(1, _application, new("store", store), new("result", Results[(int)result]));
        _queryTime.Record(took.TotalSeconds, _application, new("store", store));
    }

    /// <summary>Says that these stores may be asked: their counts are there before the first question.</summary>
    public void AnnounceStores(IEnumerable<string> stores)
    {
        foreach (var store in stores)
        {
            foreach (var result in Results)
                _queries.Add(0, _application, new("store", store), new("result", result));
        }
    }

    /// <summary>Adds what is looked up when someone asks.</summary>
    public void Observe(EngineFigures figures) => EngineGauges.AddTo(_meter, _application, figures);

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

    // There from the beginning: a rate needs a point before the first record.
    private void BeginAtZero()
    {
        foreach (var reason in Reasons)
            _dropped.Add(0, _application, new("reason", reason));
        _restored.Add(0, _application);
        _commits.Add(0, _application);
        _threadFailures.Add(0, _application);
        _tasksCreated.Add(0, _application);
        _tasksClosed.Add(0, _application);
    }

    // NoKey is no_key.
    private static string Label(string name) =>
        string.Concat(name.Select((c, i) => char.IsUpper(c) && i > 0 ? $"_{char.ToLowerInvariant(c)}" : $"{char.ToLowerInvariant(c)}"));
}
