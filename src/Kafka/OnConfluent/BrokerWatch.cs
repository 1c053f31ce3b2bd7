using System.Text.Json;

namespace Kafka.OnConfluent;

/// <summary>A client's connections, as librdkafka's statistics tell of them.</summary>
/// <remarks>Source: librdkafka's STATISTICS.md, "brokers".</remarks>
/// <param name="kind">What the client is: <c>producer</c> or <c>consumer</c>.</param>
internal sealed class BrokerWatch(string kind)
{
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(5);

    private volatile BrokerView[] _brokers = [];

    public string Kind => kind;

    public IReadOnlyList<BrokerView> Brokers => _brokers;

    /// <summary>Takes one report.</summary>
    public void Take(string statistics)
    {
        using var report = JsonDocument.Parse(statistics);
        if (!report.RootElement.TryGetProperty("brokers", out var brokers))
            return;

        // A bootstrap entry and the broker that was learned by it have one address.
        _brokers = [.. brokers.EnumerateObject()
            .Select(broker => View(broker.Value))
            .Where(broker => broker.Address.Contains(':', StringComparison.Ordinal))
            .GroupBy(broker => broker.Address)
            .Select(same => new BrokerView(same.Key, same.Any(broker => broker.IsUp), same.Max(broker => broker.RoundTrip)))];
    }

    private static BrokerView View(JsonElement broker) => new(
        broker.TryGetProperty("nodename", out var name) ? name.GetString() ?? "" : "",
        broker.TryGetProperty("state", out var state) && state.GetString() == "UP",
        broker.TryGetProperty("rtt", out var rtt) && rtt.TryGetProperty("avg", out var mean) && mean.GetInt64() is var microseconds and > 0
            ? TimeSpan.FromMicroseconds(microseconds)
            : null);
}

/// <summary>A broker as a client sees it.</summary>
/// <param name="Address">Its <c>host:port</c>.</param>
/// <param name="IsUp">Whether a connection is open.</param>
/// <param name="RoundTrip">Its mean time to answer; null where nothing was asked lately.</param>
internal sealed record BrokerView(string Address, bool IsUp, TimeSpan? RoundTrip);
