using System.Diagnostics.Metrics;

namespace Gateway.Tests.Forwarding;

/// <summary>Listens to one gateway's records for one of its sinks, by result.</summary>
internal sealed class SinkMeter : IDisposable
{
    private readonly MeterListener _listener = new();
    private readonly SemaphoreSlim _changes = new(0);
    private readonly Dictionary<string, long> _results = [];

    public SinkMeter(GatewayBench bench, string sink = "fluentd")
    {
        var mine = bench.Meter;
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Meter == mine && instrument.Name == "streams.gateway.sink.records")
                listener.EnableMeasurementEvents(instrument);
        };
        _listener.SetMeasurementEventCallback<long>((_, records, tags, _) =>
        {
            if (!Equals(tags[0].Value, sink))
                return;
            lock (_results)
                _results[(string)tags[1].Value!] = this[(string)tags[1].Value!] + records;
            _changes.Release();
        });
        _listener.Start();
    }

    public long this[string result]
    {
        get
        {
            lock (_results)
                return _results.GetValueOrDefault(result);
        }
    }

    public async Task ReachAsync(string result, long records, CancellationToken limit)
    {
        while (this[result] < records)
            await _changes.WaitAsync(limit);
    }

    public void Dispose()
    {
        _listener.Dispose();
        _changes.Dispose();
    }
}
