namespace Streams.State;

/// <summary>What a store of windows or sessions still takes and shows, as its time goes on.</summary>
/// <param name="retentionMs">How far a row's time may lie behind the latest.</param>
/// <param name="segmentIntervalMs">
/// Where rows expire a segment at a time, its length: rows of a live segment are taken though they are not shown any more. Null where each row
/// expires for itself.
/// </param>
/// <param name="hiddenFrom">How much less than the retention a row's time may lie behind the latest and still be found.</param>
internal sealed class Expiry(long retentionMs, long? segmentIntervalMs, long hiddenFrom = 1)
{
    // Sweeping at a quarter of the retention keeps at most a quarter more than is needed, and looks at each row about five times.
    private readonly long _sweepInterval = Math.Max(1, retentionMs / 4);
    private long _latest = -1;
    private long _nextSweep = long.MinValue;

    /// <summary>The earliest time of a row that reads find.</summary>
    public long EarliestVisible => Math.Max(0, _latest - retentionMs + hiddenFrom);

    /// <summary>The earliest time of a row that is still there, whether or not reads find it.</summary>
    public long EarliestKept => segmentIntervalMs is { } interval ? Math.Max(0, (_latest - retentionMs) / interval * interval) : EarliestVisible;

    /// <summary>Moves the store's time on.</summary>
    /// <returns>Whether it is time to sweep out what has expired.</returns>
    public bool Observe(long time)
    {
        if (time <= _latest)
            return false;

        _latest = time;
        if (time < _nextSweep)
            return false;

        _nextSweep = time > long.MaxValue - _sweepInterval ? long.MaxValue : time + _sweepInterval;
        return true;
    }

    /// <summary>Whether a row of that time is taken, or comes too late.</summary>
    public bool Takes(long time) => segmentIntervalMs is { } interval
        ? time / interval >= (_latest - retentionMs) / interval
        : time > _latest - retentionMs;
}
