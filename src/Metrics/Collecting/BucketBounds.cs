using System.Diagnostics.Metrics;

namespace Metrics.Collecting;

/// <summary>Where a histogram's buckets end: as its instrument advises, else by its unit.</summary>
internal static class BucketBounds
{
    /// <summary>1 ms to 10 s.</summary>
    private static readonly double[] _seconds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

    /// <summary>256 bytes to 16 MiB.</summary>
    private static readonly double[] _bytes = [256, 1 << 10, 4 << 10, 16 << 10, 64 << 10, 256 << 10, 1 << 20, 4 << 20, 16 << 20];

    private static readonly double[] _counts = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000];

    public static double[] Of(Instrument instrument) => Advised(instrument) ?? instrument.Unit switch
    {
        "s" => _seconds,
        "By" => _bytes,
        _ => _counts,
    };

    private static double[]? Advised(Instrument instrument)
    {
        double[]? advised = instrument switch
        {
            Histogram<double> { Advice.HistogramBucketBoundaries: { } bounds } => [.. bounds],
            Histogram<float> { Advice.HistogramBucketBoundaries: { } bounds } => [.. bounds.Select(bound => (double)bound)],
            Histogram<long> { Advice.HistogramBucketBoundaries: { } bounds } => [.. bounds.Select(bound => (double)bound)],
            Histogram<int> { Advice.HistogramBucketBoundaries: { } bounds } => [.. bounds.Select(bound => (double)bound)],
            _ => null,
        };
        return advised is { Length: > 0 } ? advised : null;
    }
}
