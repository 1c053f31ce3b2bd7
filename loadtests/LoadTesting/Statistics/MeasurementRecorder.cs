namespace LoadTesting.Statistics;

/// <summary>Takes the measurements of a scenario or a step, from any thread.</summary>
internal sealed class MeasurementRecorder(string name)
{
    private readonly Lock _lock = new();
    private readonly OutcomeRecorder _ok = new(isError: false);
    private readonly OutcomeRecorder _fail = new(isError: true);
    private readonly LatencyHistogram _interval = new();
    private (long Ok, long Fail, long Bytes) _closed;

    public string Name => name;

    public void Record(Response response, TimeSpan latency)
    {
        lock (_lock)
        {
            (response.IsError ? _fail : _ok).Record(response.StatusCode, response.Message, response.SizeBytes, latency);
            if (!response.IsError)
                _interval.Record(latency);
        }
    }

    /// <summary>Counts failures of which there is no latency.</summary>
    public void RecordFailures(string statusCode, string message, long count)
    {
        lock (_lock)
            _fail.Record(statusCode, message, bytes: 0, latency: null, count);
    }

    /// <summary>What has ended since the last call.</summary>
    public SeriesPoint CloseInterval(TimeSpan end, TimeSpan length, int inFlight)
    {
        lock (_lock)
        {
            var (ok, fail, bytes) = (_ok.Count - _closed.Ok, _fail.Count - _closed.Fail, _ok.Bytes + _fail.Bytes - _closed.Bytes);
            _closed = (_ok.Count, _fail.Count, _ok.Bytes + _fail.Bytes);
            var latency = _interval.Count == 0 ? null : _interval.Read();
            _interval.Clear();
            return new SeriesPoint(
                Math.Round(end.TotalSeconds, 3),
                ok,
                fail,
                PerSecond(ok),
                PerSecond(fail),
                PerSecond(bytes),
                latency?.Percent50,
                latency?.Percent95,
                latency?.Percent99,
                latency?.MaxMs,
                inFlight);
        }

        double PerSecond(long count) => length <= TimeSpan.Zero ? 0 : Math.Round(count / length.TotalSeconds, 2);
    }

    public (OutcomeStats Ok, OutcomeStats Fail) Read(TimeSpan duration)
    {
        lock (_lock)
        {
            var all = _ok.Count + _fail.Count;
            return (_ok.Read(all, duration), _fail.Read(all, duration));
        }
    }
}
