namespace Metrics.Collecting;

/// <summary>Prometheus' kinds, as far as instruments need them.</summary>
internal enum FamilyKind
{
    /// <summary>Only goes up.</summary>
    Counter,

    /// <summary>A level: goes up and down, or is what was said last.</summary>
    Gauge,

    /// <summary>Counts by size, cumulative.</summary>
    Histogram,
}
