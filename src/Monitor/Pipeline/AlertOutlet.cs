using Monitor.Live;
using Monitor.LogStore;
using Streams.Contracts.V1;

namespace Monitor.Pipeline;

/// <summary>Where alerts go beside their topic: the store, and whoever watches.</summary>
internal sealed class AlertOutlet(ILogStore store, LiveFeeds live, MonitorMetrics metrics)
{
    /// <summary>Takes an alert; the same id again changes nothing but its end.</summary>
    public void Take(string id, Alert alert)
    {
        store.Add(new AlertDocument(id, alert));
        live.Alerts.Publish(alert);
        metrics.Alerted(alert.Kind);
    }

    /// <summary>Makes every alert taken so far durable in the store.</summary>
    public void Flush() => store.Flush();
}
