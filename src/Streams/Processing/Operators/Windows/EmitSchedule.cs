namespace Streams.Processing;

/// <summary>When to look for windows that have closed, of a node that emits on close.</summary>
/// <param name="context">The task's, for the wall clock.</param>
/// <param name="openMs">How far before a close time a window may lie that is still open then, by the time that the store dates it with.</param>
/// <param name="retentionMs">How long the store keeps windows.</param>
/// <param name="segmentMs">The length of the segments with which they go; null where each goes for itself.</param>
/// <remarks>
/// A look scans the store, so there is one each interval of wall clock at most, behind the record that moves stream time. But a record that
/// moves the store's time may push windows past the retention that nobody has looked at: then the look comes before it, whatever the clock
/// says, for what it would miss is lost.
/// </remarks>
internal sealed class EmitSchedule(TaskContext context, long openMs, long retentionMs, long? segmentMs = null)
{
    private long _next;

    /// <summary>Close time of the last look; −1 before the first.</summary>
    public long LastClose { get; private set; } = TaskContext.NoTimestamp;

    /// <summary>Whether to look before a record is put, for its put may hide what has closed.</summary>
    /// <param name="closeTime">What ends before this has closed.</param>
    /// <param name="timestamp">The record's time.</param>
    /// <param name="urgentTime">What ends before this has closed and may be hidden by the put; the rest is found after it, too.</param>
    public bool IsUrgent(long closeTime, long timestamp, out long urgentTime)
    {
        var hidden = timestamp - retentionMs;
        urgentTime = Math.Min(closeTime, segmentMs is { } length ? hidden / length * length : hidden + openMs + 1);
        return urgentTime > LastClose;
    }

    /// <summary>Whether to look after a record was put.</summary>
    public bool IsDue(long closeTime)
    {
        if (closeTime <= LastClose)
            return false;
        if (context.EmitIntervalMs == 0)
            return true;

        var now = context.WallClock;
        if (now < _next)
            return false;

        _next = now + context.EmitIntervalMs;
        return true;
    }

    public void Looked(long closeTime) => LastClose = closeTime;
}
