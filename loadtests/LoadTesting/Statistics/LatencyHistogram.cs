using HdrHistogram;

namespace LoadTesting.Statistics;

/// <summary>Latencies to three digits, from a microsecond to an hour, in a space that does not grow with their number.</summary>
internal sealed class LatencyHistogram
{
    private const long MicrosecondsMax = 3_600_000_000;
    private const int Digits = 3;

    private readonly LongHistogram _microseconds = new(MicrosecondsMax, Digits);
    private double _sum;
    private double _sumOfSquares;
    private long _min = long.MaxValue;
    private long _max;

    public long Count => _microseconds.TotalCount;

    public void Record(TimeSpan latency)
    {
        var exact = Math.Max(0, latency.Ticks / TimeSpan.TicksPerMicrosecond);
        _microseconds.RecordValue(Math.Min(exact, MicrosecondsMax));
        _sum += exact;
        _sumOfSquares += (double)exact * exact;
        _min = Math.Min(_min, exact);
        _max = Math.Max(_max, exact);
    }

    public void Clear()
    {
        _microseconds.Reset();
        (_sum, _sumOfSquares, _min, _max) = (0, 0, long.MaxValue, 0);
    }

    public LatencyStats Read() => Count == 0
        ? new LatencyStats()
        : new LatencyStats
        {
            MinMs = Milliseconds(_min),
            MeanMs = Milliseconds(_sum / Count),
            MaxMs = Milliseconds(_max),
            StdDevMs = Milliseconds(Math.Sqrt(Math.Max(0, _sumOfSquares / Count - _sum / Count * (_sum / Count)))),
            Percent50 = At(50),
            Percent75 = At(75),
            Percent90 = At(90),
            Percent95 = At(95),
            Percent99 = At(99),
            Percent999 = At(99.9),
        };

    // A bucket's upper end may lie above everything that was recorded.
    private double At(double percentile) => Milliseconds(Math.Min(_microseconds.GetValueAtPercentile(percentile), _max));

    private static double Milliseconds(double microseconds) => Math.Round(microseconds / 1_000, 3);
}
