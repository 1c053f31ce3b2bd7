using System.Buffers;
using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using Metrics.Exposition;
using Microsoft.Extensions.Logging;

namespace Metrics.Collecting;

/// <summary>Adds up what the instruments of one part measure, and writes it for Prometheus.</summary>
/// <remarks>
/// <para>
/// A part's instruments are those whose meters its <see cref="IMeterFactory"/> made: of several parts in one process each exports its own.
/// Meters of no factory (the runtime's) belong to the process and are exported by every part.
/// </para>
/// <para>
/// Each family holds at most a set number of series. What would be one more is not taken; how often that happened is
/// <c>streams_metrics_dropped_measurements_total</c>, and which family it was is said once in the log.
/// </para>
/// </remarks>
internal sealed partial class MetricCollector : IDisposable
{
    // Thirty families of the QUIC library, which nothing here uses.
    private const string Unwanted = "msquic";

    private readonly IMeterFactory _meters;
    private readonly int _seriesMax;
    private readonly ILogger _logger;
    private readonly MeterListener _listener = new();
    private readonly ConcurrentDictionary<string, MetricFamily> _families = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, bool> _complaints = new(StringComparer.Ordinal);
    private readonly Lock _collecting = new();
    private long _collection;

    public MetricCollector(IMeterFactory meters, int seriesMax, ILogger<MetricCollector> logger)
    {
        (_meters, _seriesMax, _logger) = (meters, seriesMax, logger);
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (IsOwn(instrument) && Target.For(instrument, FamilyOf) is { } target)
                listener.EnableMeasurementEvents(instrument, target);
        };
        _listener.SetMeasurementEventCallback<byte>((_, value, tags, target) => Take(target, value, tags));
        _listener.SetMeasurementEventCallback<short>((_, value, tags, target) => Take(target, value, tags));
        _listener.SetMeasurementEventCallback<int>((_, value, tags, target) => Take(target, value, tags));
        _listener.SetMeasurementEventCallback<long>((_, value, tags, target) => Take(target, value, tags));
        _listener.SetMeasurementEventCallback<float>((_, value, tags, target) => Take(target, value, tags));
        _listener.SetMeasurementEventCallback<double>((_, value, tags, target) => Take(target, value, tags));
        _listener.SetMeasurementEventCallback<decimal>((_, value, tags, target) => Take(target, (double)value, tags));
        _listener.Start();
    }

    /// <summary>Asks the observable instruments and writes everything. One caller after the other.</summary>
    public void Write(IBufferWriter<byte> target, ExpositionFormat format)
    {
        lock (_collecting)
        {
            _collection++;
            try
            {
                _listener.RecordObservableInstruments();
            }
            catch (AggregateException errors)
            {
                // The others were asked all the same.
                foreach (var error in errors.InnerExceptions)
                    Complain(error.Message);
            }

            var writer = new ExpositionWriter(target, format);
            foreach (var family in _families.Values.OrderBy(family => family.Name.Name, StringComparer.Ordinal))
            {
                family.ForgetGone(_collection);
                writer.Write(family);
                if (family.Dropped > 0)
                    Complain($"{family.Name.Name} has its limit of {_seriesMax} label sets; those that come on top are not counted.");
            }

            writer.WriteDropped(_families.Values.Sum(family => family.Dropped));
            writer.End();
        }
    }

    public void Dispose() => _listener.Dispose();

    private bool IsOwn(Instrument instrument) =>
        (instrument.Meter.Scope is null || ReferenceEquals(instrument.Meter.Scope, _meters))
        && !instrument.Name.StartsWith(Unwanted, StringComparison.Ordinal);

    private MetricFamily? FamilyOf(Instrument instrument, FamilyKind kind)
    {
        var name = FamilyName.Of(instrument.Name, instrument.Unit, kind);
        var family = _families.GetOrAdd(name.Base, _ => new MetricFamily(
            name,
            kind,
            instrument.Description is { Length: > 0 } help ? help : $"{instrument.Name} of {instrument.Meter.Name}.",
            kind is FamilyKind.Histogram ? BucketBounds.Of(instrument) : [],
            _seriesMax));
        if (family.Kind == kind)
            return family;

        NameTaken(instrument.Name, instrument.Meter.Name, family.Name.Name, family.Kind);
        return null;
    }

    private void Take(object? state, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        var target = (Target)state!;
        if (target.Family.Find(tags, target.CommonTags) is not { } series)
            return;

        if (target.IsObservable)
            series.Observe(value, _collection, target.AddsUp);
        else if (target.Family.Kind is FamilyKind.Histogram)
            series.Record(value);
        else if (!target.AddsUp)
            series.Set(value);
        else if (value >= 0 || target.Family.Kind is FamilyKind.Gauge)
            series.Add(value);
    }

    private void Complain(string reason)
    {
        // Once for each reason: a scrape comes every few seconds.
        if (_complaints.Count < 100 && _complaints.TryAdd(reason, true))
            Incomplete(reason);
    }

    [LoggerMessage(1, LogLevel.Warning, "Not every metric is exported: {Reason}")]
    private partial void Incomplete(string reason);

    [LoggerMessage(2, LogLevel.Warning, "Instrument {Instrument} of meter {Meter} is not exported: {Metric} is a {Kind} already.")]
    private partial void NameTaken(string instrument, string meter, string metric, FamilyKind kind);
}
