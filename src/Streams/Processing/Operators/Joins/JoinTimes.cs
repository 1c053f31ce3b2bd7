using System.Runtime.CompilerServices;

namespace Streams.Processing;

/// <summary>What both sides of one task's stream-stream join know of time.</summary>
internal sealed class JoinTimes
{
    /// <summary>The greatest timestamp that either side has seen; −1 before the first.</summary>
    public long StreamTime { get; set; } = TaskContext.NoTimestamp;

    /// <summary>
    /// At or before the time of the first unmatched record, as far as the last look showed; <see cref="long.MaxValue"/> where there is none.
    /// </summary>
    public long FirstUnmatched { get; set; } = long.MaxValue;

    /// <summary>The wall clock before which nobody looks for unmatched records again.</summary>
    public long NextLook { get; set; }

    public void Advance(long timestamp)
    {
        if (timestamp > StreamTime)
            StreamTime = timestamp;
    }
}

/// <summary>Hands both sides of a join the same times: one per task, gone with the task.</summary>
internal sealed class JoinTimesByTask
{
    private readonly ConditionalWeakTable<TaskContext, JoinTimes> _times = [];

    public JoinTimes Of(TaskContext task) => _times.GetOrCreateValue(task);
}
