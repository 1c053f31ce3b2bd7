using System.Collections.Concurrent;
using System.Diagnostics.Metrics;

namespace TestKit;

/// <summary>What the instruments of one factory's meters have measured: sums of counters, the latest of gauges, how many in histograms.</summary>
public sealed class MeterReadings : IDisposable
{
    private readonly MeterListener _listener = new();
    private readonly ConcurrentDictionary<string, double> _values = new(StringComparer.Ordinal);

    public MeterReadings(IMeterFactory meters)
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (ReferenceEquals(instrument.Meter.Scope, meters))
                listener.EnableMeasurementEvents(instrument);
        };
        _listener.SetMeasurementEventCallback<int>((instrument, value, tags, _) => Take(instrument, value, tags));
        _listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Take(instrument, value, tags));
        _listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => Take(instrument, value, tags));
        _listener.Start();
    }

    /// <summary>An instrument's reading under these tags: <c>name=value</c> each, those that are the same everywhere left out. Null where there is none.</summary>
    public double? this[string instrument, params string[] tags]
    {
        get
        {
            _listener.RecordObservableInstruments();
            var found = _values.Where(v => v.Key.Split(' ') is [var name, .. var own] && name == instrument && tags.All(own.Contains)).ToList();
            return found.Count == 0 ? null : found.Sum(v => v.Value);
        }
    }

    /// <summary>Everything that was measured, for messages.</summary>
    public override string ToString() => string.Join(Environment.NewLine, _values.OrderBy(v => v.Key, StringComparer.Ordinal).Select(v => $"{v.Key} {v.Value}"));

    public void Dispose() => _listener.Dispose();

    private void Take(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        var key = string.Join(' ', tags.ToArray().Select(tag => $"{tag.Key}={tag.Value}").Order(StringComparer.Ordinal).Prepend(instrument.Name));
        _values.AddOrUpdate(
            key,
            _ => instrument is Histogram<double> ? 1 : value,
            (_, sum) => instrument.IsObservable ? value : sum + (instrument is Histogram<double> ? 1 : value));
    }
}
