using LoadTesting.Statistics;

namespace LoadTesting.Running;

/// <summary>What happened when, in a bounded number of points: the longer the run, the longer an interval.</summary>
internal sealed class IntervalSeries(MeasurementRecorder recorder, TimeSpan planned)
{
    /// <summary>Points of a run that goes as planned; the time in which its last invocations end adds a few.</summary>
    public const int PointsPlanned = 600;

    // Called about once a second, a little early or late.
    private static readonly TimeSpan _tolerance = TimeSpan.FromMilliseconds(500);

    private readonly TimeSpan _interval = TimeSpan.FromSeconds(Math.Max(1, Math.Ceiling(planned.TotalSeconds / PointsPlanned)));
    private readonly Lock _lock = new();
    private readonly List<SeriesPoint> _points = [];
    private TimeSpan _end;
    private bool _isClosed;

    public IReadOnlyList<SeriesPoint> Points
    {
        get
        {
            lock (_lock)
                return [.. _points];
        }
    }

    public void Tick(TimeSpan elapsed, int inFlight)
    {
        lock (_lock)
        {
            // What is left to the end is too short to be an interval of its own: rates of a few milliseconds say nothing.
            var isLast = elapsed < planned && planned - elapsed < _interval / 2;
            if (!_isClosed && !isLast && elapsed - _end > _interval - _tolerance)
                Add(elapsed, inFlight);
        }
    }

    /// <summary>Adds what has happened since the last point; nothing follows.</summary>
    public void Close(TimeSpan elapsed, int inFlight)
    {
        lock (_lock)
        {
            if (!_isClosed && elapsed > _end)
                Add(elapsed, inFlight);
            _isClosed = true;
        }
    }

    private void Add(TimeSpan elapsed, int inFlight)
    {
        _points.Add(recorder.CloseInterval(elapsed, elapsed - _end, inFlight));
        _end = elapsed;
    }
}
