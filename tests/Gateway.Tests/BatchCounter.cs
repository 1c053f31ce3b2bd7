using System.Diagnostics.Metrics;

namespace Gateway.Tests;

/// <summary>Listens to one gateway's meter: how many records were received, and how many were in flight at most.</summary>
internal sealed class BatchCounter : IDisposable
{
    private readonly MeterListener _listener = new();
    private readonly SemaphoreSlim _changes = new(0);
    private long _received;
    private long _inFlight;

    public BatchCounter(GatewayBench bench)
    {
        var mine = bench.Meter;
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Meter == mine && instrument.Name == "streams.gateway.inflight.records")
                listener.EnableMeasurementEvents(instrument);
        };
        _listener.SetMeasurementEventCallback<long>((_, change, _, _) =>
        {
            lock (_changes)
            {
                _inFlight += change;
                _received += Math.Max(0, change);
                InFlightMax = Math.Max(InFlightMax, _inFlight);
            }

            _changes.Release();
        });
        _listener.Start();
    }

    public long InFlightMax { get; private set; }

    public async Task ReachAsync(long received, CancellationToken cancellation)
    {
        while (true)
        {
            lock (_changes)
            {
                if (_received >= received)
                    return;
            }

            await _changes.WaitAsync(cancellation);
        }
    }

    public void Dispose()
    {
        _listener.Dispose();
        _changes.Dispose();
    }
}
