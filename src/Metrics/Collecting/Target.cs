using System.Diagnostics.Metrics;

namespace Metrics.Collecting;

/// <summary>Where an instrument's measurements go, and how they are taken.</summary>
/// <param name="Family">The family of its name.</param>
/// <param name="IsObservable">Whether its values are asked for, and are totals.</param>
/// <param name="AddsUp">Whether measurements are added; else the last one counts.</param>
/// <param name="CommonTags">Tags of the instrument and its meter.</param>
internal sealed record Target(MetricFamily Family, bool IsObservable, bool AddsUp, KeyValuePair<string, object?>[] CommonTags)
{
    /// <summary>The target of an instrument; null for one that is not exported.</summary>
    public static Target? For(Instrument instrument, Func<Instrument, FamilyKind, MetricFamily?> familyOf)
    {
        var type = instrument.GetType().GetGenericTypeDefinition();
        (FamilyKind Kind, bool AddsUp)? how =
            type == typeof(Counter<>) || type == typeof(ObservableCounter<>) ? (FamilyKind.Counter, true)
            : type == typeof(UpDownCounter<>) || type == typeof(ObservableUpDownCounter<>) ? (FamilyKind.Gauge, true)
            : type == typeof(Gauge<>) || type == typeof(ObservableGauge<>) ? (FamilyKind.Gauge, false)
            : type == typeof(Histogram<>) ? (FamilyKind.Histogram, true)
            : null;
        return how is var (kind, addsUp) && familyOf(instrument, kind) is { } family
            ? new Target(family, instrument.IsObservable, addsUp, [.. instrument.Meter.Tags ?? [], .. instrument.Tags ?? []])
            : null;
    }
}
