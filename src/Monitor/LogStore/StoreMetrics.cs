using System.Diagnostics.Metrics;

namespace Monitor.LogStore;

/// <summary>What the log store does, per batch.</summary>
internal sealed class StoreMetrics
{
    private readonly Counter<long> _records;
    private readonly Counter<long> _alerts;
    private readonly Histogram<double> _duration;

    public StoreMetrics(Meter meter)
    {
        _records = meter.CreateCounter<long>("streams.monitor.store.records", description: "Logs written to the store, by whether they were new or there already.");
        _alerts = meter.CreateCounter<long>("streams.monitor.store.alerts", description: "Alerts written to the store.");
        _duration = meter.CreateHistogram<double>("streams.monitor.store.write.duration", "s", "Time one transaction took.");
        Written(0, 0, 0);
    }

    /// <summary>One transaction was committed.</summary>
    public void Written(int logs, int added, int alerts, TimeSpan duration)
    {
        Written(logs, added, alerts);
        _duration.Record(duration.TotalSeconds);
    }

    private void Written(int logs, int added, int alerts)
    {
        _records.Add(added, new KeyValuePair<string, object?>("result", "added"));
        _records.Add(logs - added, new KeyValuePair<string, object?>("result", "present"));
        _alerts.Add(alerts);
    }
}
