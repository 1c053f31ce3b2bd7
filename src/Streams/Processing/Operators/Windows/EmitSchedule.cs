namespace Streams.Processing;

/// <summary>When to look for windows that have closed, of a node that emits on close.</summary>
/// <param name="context">The task's, for the wall clock.</param>
/// <param name="openMs">How far before a close time a window may lie that is still open then, by the time that the store dates it with.</param>
/// <param name="retentionMs">How long the store keeps windows.</param>
/// <remarks>
/// A look scans the store, so there is one each interval of wall clock at most, behind the record that moves stream time. But a record that
/// moves the store's time may push windows past the retention that nobody has looked at: then the look comes before it, whatever the clock
/// says, for what it would miss is lost.
/// </remarks>
internal sealed class EmitSchedule(TaskContext context, long openMs, long retentionMs)
{
    private long _next;

    /// <summary>Close time of the last look; −1 before the first.</summary>
    public long LastClose { get; private set; } = TaskContext.NoTimestamp;

    /// <summary>Whether to look before a record is put, for its put may hide what has closed.</summary>
    /// <param name="closeTime">What ends before this has closed.</param>
    /// <param name="timestamp">The record's time.</param>
    public bool IsUrgent(long closeTime, long timestamp) => closeTime > LastClose && timestamp - retentionMs >= LastClose - openMs;

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
