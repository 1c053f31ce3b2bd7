using System.Diagnostics.Metrics;

namespace Cli.Up;

/// <summary>Totals of a few of this process' own counters. What was there already (<c>result=present</c>) is not counted again.</summary>
internal sealed class Meters : IDisposable
{
    private readonly MeterListener _listener = new();
    private readonly Dictionary<string, Total> _totals;

    public Meters(params string[] counters)
    {
        _totals = counters.ToDictionary(name => name, _ => new Total());
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (_totals.TryGetValue(instrument.Name, out var total))
                listener.EnableMeasurementEvents(instrument, total);
        };
        _listener.SetMeasurementEventCallback<long>((_, value, tags, total) =>
        {
            if (!IsRepeat(tags))
                ((Total)total!).Add(value);
        });
        _listener.Start();
    }

    public long this[string counter] => _totals[counter].Value;

    public void Dispose() => _listener.Dispose();

    private static bool IsRepeat(ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        foreach (var tag in tags)
        {
            if (tag is { Key: "result", Value: "present" })
                return true;
        }

        return false;
    }

    private sealed class Total
    {
        private long _value;

        public long Value => Interlocked.Read(ref _value);

        public void Add(long count) => Interlocked.Add(ref _value, count);
    }
}
