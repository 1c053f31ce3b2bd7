using System.Diagnostics.Metrics;

namespace Streams.Runtime;

/// <summary>The meter "Streams.Engine". Counted per batch, never per record.</summary>
internal sealed class EngineMetrics : IDisposable
{
    private readonly Meter _meter;
    private readonly Counter<long> _processed;
    private readonly Counter<long> _dropped;
    private readonly Counter<long> _restored;
    private readonly Counter<long> _commits;
    private readonly Counter<long> _threadFailures;
    private readonly Histogram<double> _processTime;
    private readonly Histogram<double> _commitTime;
    private readonly KeyValuePair<string, object?> _application;

    public EngineMetrics(string applicationId, Func<int> runningTasks, Func<int> restoringTasks, IMeterFactory? meters = null)
    {
        _meter = meters?.Create("Streams.Engine") ?? new Meter("Streams.Engine");
        _application = new("application", applicationId);
        _processed = _meter.CreateCounter<long>("streams.processed.records", "{record}", "Records taken from inputs and run through the topology.");
        _dropped = _meter.CreateCounter<long>("streams.dropped.records", "{record}", "Records skipped: no key or value, late, or unreadable.");
        _restored = _meter.CreateCounter<long>("streams.restore.records", "{record}", "Changelog records read back into stores.");
        _commits = _meter.CreateCounter<long>("streams.commits", "{commit}", "Commits of outputs, stores and offsets.");
        _threadFailures = _meter.CreateCounter<long>("streams.failed.threads", "{thread}", "Stream threads that failed.");
        _processTime = _meter.CreateHistogram<double>("streams.process.duration", "s", "Time to process what one poll brought.");
        _commitTime = _meter.CreateHistogram<double>("streams.commit.duration", "s", "Time of a commit: stores, outputs, offsets.");
        _meter.CreateObservableGauge(
            "streams.tasks",
            () => new Measurement<int>[]
            {
                new(runningTasks(), _application, new("type", "active")),
                new(restoringTasks(), _application, new("type", "restoring")),
            },
            "{task}",
            "Tasks by what they do.");
    }

    public void Processed(long records, long dropped, TimeSpan took)
    {
        if (dropped > 0)
            _dropped.Add(dropped, _application);
        if (records == 0)
            return;

        _processed.Add(records, _application);
        _processTime.Record(took.TotalSeconds, _application);
    }

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

    public void ThreadFailed() => _threadFailures.Add(1, _application);

    public void Dispose() => _meter.Dispose();
}
