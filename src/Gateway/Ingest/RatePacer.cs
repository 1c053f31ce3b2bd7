namespace Gateway.Ingest;

/// <summary>A stream's rate limit: a bucket that holds one second's worth and fills as time passes.</summary>
/// <param name="perSecond">Records a second; 0 for no limit.</param>
/// <param name="time">The clock.</param>
internal sealed class RatePacer(int perSecond, TimeProvider time)
{
    private double _tokens = perSecond;
    private long _filledAt = time.GetTimestamp();

    /// <summary>Takes a batch out of the bucket.</summary>
    /// <returns>How long to pause until the bucket is no longer in debt; zero where it is not.</returns>
    public TimeSpan Take(int records)
    {
        if (perSecond == 0)
            return TimeSpan.Zero;

        var now = time.GetTimestamp();
        _tokens = Math.Min(perSecond, _tokens + time.GetElapsedTime(_filledAt, now).TotalSeconds * perSecond) - records;
        _filledAt = now;
        return _tokens >= 0 ? TimeSpan.Zero : TimeSpan.FromSeconds(-_tokens / perSecond);
    }
}
