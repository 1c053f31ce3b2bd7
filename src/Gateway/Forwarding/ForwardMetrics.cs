using System.Diagnostics.Metrics;

namespace Gateway.Forwarding;

/// <summary>What went to Fluentd, what did not, and what waits. Counted per chunk, but for what a full buffer drops.</summary>
/// <remarks>The same families as Kafka's in <see cref="GatewayMetrics"/>, told apart by <c>sink</c>; there only where something is forwarded.</remarks>
internal sealed class ForwardMetrics
{
    private static readonly KeyValuePair<string, object?> _sink = new("sink", "fluentd");

    private readonly Counter<long>? _records;
    private readonly Histogram<double>? _duration;
    private readonly Counter<long>? _connections;
    private readonly TimeProvider _time;
    private long _lastSuccess;
    private int _isConnected;

    public ForwardMetrics(GatewayMetrics gateway, ForwardBuffer buffer, FluentdOptions options, TimeProvider time)
    {
        _time = time;
        if (!options.IsOn)
            return;

        var meter = gateway.Meter;
        _records = meter.CreateCounter<long>("streams.gateway.sink.records", "{record}", "Log records handed to a sink, by sink and result.");
        _duration = meter.CreateHistogram<double>("streams.gateway.sink.duration", "s", "Time from a batch's receipt to the sink's answer for all of it, by sink.");
        _connections = meter.CreateCounter<long>("streams.gateway.sink.connections", "{connection}", "Connections to sinks, by result: opened or failed.");
        meter.CreateObservableGauge("streams.gateway.sink.queue.records", () => new Measurement<long>(buffer.Records, _sink), "{record}", "Records that a sink has not answered for, by sink.");
        meter.CreateObservableGauge("streams.gateway.sink.queue.bytes", () => new Measurement<long>(buffer.Bytes, _sink), "By", "Bytes that wait for a sink.");
        meter.CreateObservableGauge("streams.gateway.sink.queue.capacity.records", () => new Measurement<long>(options.BufferRecordsMax, _sink), "{record}", "Records that may wait for a sink.");
        meter.CreateObservableGauge("streams.gateway.sink.connected", () => new Measurement<int>(Volatile.Read(ref _isConnected), _sink), description: "1 while a sink is connected.");
        meter.CreateObservableGauge(
            "streams.gateway.sink.last.success.timestamp", () => new Measurement<double>(Interlocked.Read(ref _lastSuccess) / 1000.0, _sink), "s", "When a sink took records last, in seconds since 1970-01-01 UTC; 0 for never.");
        foreach (var result in new[] { "acknowledged", "dropped", "resent" })
            Count(result, 0);
    }

    public void Acknowledged(int records, TimeSpan duration)
    {
        Count("acknowledged", records);
        _duration?.Record(duration.TotalSeconds, _sink);
        Interlocked.Exchange(ref _lastSuccess, _time.GetUtcNow().ToUnixTimeMilliseconds());
    }

    public void Dropped(int records) => Count("dropped", records);

    public void SentAgain(int records) => Count("resent", records);

    public void Connected(bool isConnected) => Volatile.Write(ref _isConnected, isConnected ? 1 : 0);

    public void ConnectionOpened() => _connections?.Add(1, _sink, new("result", "opened"));

    public void ConnectionFailed() => _connections?.Add(1, _sink, new("result", "failed"));

    private void Count(string result, int records) => _records?.Add(records, _sink, new("result", result));
}
