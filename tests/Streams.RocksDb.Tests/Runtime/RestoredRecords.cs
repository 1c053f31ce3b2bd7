using System.Diagnostics.Metrics;

namespace Streams.RocksDb.Tests.Runtime;

/// <summary>How many changelog records an application read back into its stores, from here on.</summary>
internal sealed class RestoredRecords : IDisposable
{
    private readonly MeterListener _listener = new();
    private long _count;

    public RestoredRecords(string application)
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Name == "streams.restore.records")
                listener.EnableMeasurementEvents(instrument);
        };
        _listener.SetMeasurementEventCallback<long>((_, count, tags, _) =>
        {
            foreach (var tag in tags)
            {
                if (tag.Key == "application" && application.Equals(tag.Value))
                    Interlocked.Add(ref _count, count);
            }
        });
        _listener.Start();
    }

    public long Count => Volatile.Read(ref _count);

    public void Dispose() => _listener.Dispose();
}
