namespace Streams.Processing;

/// <summary>When to look for windows that have closed, of a node that emits on close.</summary>
/// <param name="context">The task's, for the wall clock, and for where a look before a restart had come to.</param>
/// <param name="store">The store's name.</param>
/// <param name="openMs">How far before a close time a window may lie that is still open then, by the time that the store dates it with.</param>
/// <param name="retentionMs">How long the store keeps windows.</param>
/// <param name="segmentMs">The length of the segments with which they go; null where each goes for itself.</param>
/// <remarks>
/// A look scans the store, so there is one each interval of wall clock at most, behind the record that moves stream time. But a record that
/// moves the store's time may push windows past the retention that nobody has looked at: then the look comes before it, whatever the clock
/// says, for what it would miss is lost.
///
/// The close time of the last look is committed with the task's offsets, under the store's name as in Kafka Streams, so that a restart or a move of
/// the task emits nothing again that was committed.
/// </remarks>
internal sealed class EmitSchedule(TaskContext context, string store, long openMs, long retentionMs, long? segmentMs = null)
{
    private long _next;

    /// <summary>Close time of the last look, by whoever had the task then; −1 before the first.</summary>
    public long LastClose { get; private set; } = context.Metadata[store];

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

    public void Looked(long closeTime)
    {
        LastClose = closeTime;
        context.Metadata.Raise(store, closeTime);
    }
}
