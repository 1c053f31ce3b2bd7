using System.Diagnostics.Metrics;

namespace Gateway.Otlp;

/// <summary>What OTLP requests hold, and how many were refused before a handler saw them.</summary>
internal sealed class OtlpMetrics
{
    /// <summary>Told to come again: the gateway holds what it may.</summary>
    public const string HeldBytes = "held_bytes";

    /// <summary>Told to come again: as many calls are open as may be.</summary>
    public const string Streams = "streams";

    /// <summary>Refused for good: larger than a request may be. Its sender drops it.</summary>
    public const string TooLarge = "too_large";

    private readonly Counter<long> _refused;

    public OtlpMetrics(GatewayMetrics gateway, HeldBytes held)
    {
        var meter = gateway.Meter;
        _refused = meter.CreateCounter<long>(
            "streams.gateway.otlp.refused", "{request}", "OTLP requests refused, by reason: held_bytes and streams come again, too_large is dropped by its sender.");
        meter.CreateObservableGauge("streams.gateway.otlp.held.bytes", () => held.Now, "By", "Bytes of OTLP requests that are held.");
        meter.CreateObservableGauge("streams.gateway.otlp.held.limit.bytes", () => held.Max, "By", "Bytes of OTLP requests that may be held.");
        foreach (var reason in new[] { HeldBytes, Streams, TooLarge })
            _refused.Add(0, new KeyValuePair<string, object?>("reason", reason));
    }

    public void Refused(string reason) => _refused.Add(1, new KeyValuePair<string, object?>("reason", reason));
}
