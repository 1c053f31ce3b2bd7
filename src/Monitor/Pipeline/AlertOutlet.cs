using System.Text;
using Monitor.Live;
using Monitor.LogStore;
using Streams.Contracts.V1;

namespace Monitor.Pipeline;

/// <summary>Where alerts go beside their topic: the store, and whoever watches.</summary>
/// <param name="store">The store; null where it is fed from the topic (<see cref="StoreTopology"/>).</param>
/// <param name="live">Whoever watches.</param>
/// <param name="metrics">Told of each.</param>
internal sealed class AlertOutlet(ILogStore? store, LiveFeeds live, MonitorMetrics metrics)
{
    /// <summary>The header that tells an alert's id in its topic: its key is what it has in common with others.</summary>
    public const string IdHeader = "streams.alert.id";

    /// <summary>Takes an alert; the same id again changes nothing but its end.</summary>
    public void Take(string id, Alert alert)
    {
        store?.Add(new AlertDocument(id, alert));
        live.Alerts.Publish(alert);
        metrics.Alerted(alert.Kind);
    }

    /// <summary>Makes every alert taken so far durable in the store.</summary>
    public void Flush() => store?.Flush();

    /// <summary>An id as its header holds it.</summary>
    public static byte[] Header(string id) => Encoding.UTF8.GetBytes(id);
}
