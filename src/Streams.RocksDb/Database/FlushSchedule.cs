namespace Streams.RocksDb.Database;

/// <summary>Decides when commits that are only in memory go to disk: after a time, or a number of writes, since the last flush.</summary>
/// <remarks>
/// Not at each commit: that made many small files (KAFKA-8964). Not only when memory is full: a quiet store's position then stayed behind until its
/// changelog no longer reached back that far, and the store was lost (kafka#22478, #22526).
/// </remarks>
internal sealed class FlushSchedule(TimeSpan interval, long writesMax, TimeProvider time)
{
    private long _flushedAt = time.GetTimestamp();
    private long _writes;

    /// <summary>Writes since the last flush.</summary>
    public long Writes => _writes;

    /// <summary>Counts a commit of <paramref name="writes"/> and tells whether to flush now.</summary>
    public bool CountAndAsk(int writes)
    {
        _writes += writes;
        return IsDue;
    }

    public bool IsDue => _writes > 0 && (_writes >= writesMax || time.GetElapsedTime(_flushedAt) >= interval);

    /// <summary>A flush begins that covers everything counted.</summary>
    public void Begin()
    {
        _writes = 0;
        _flushedAt = time.GetTimestamp();
    }
}
