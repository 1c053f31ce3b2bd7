namespace Broker.Groups;

/// <summary>
/// A group with what the state machine leaves out: the lock around it, the timer that tells it of time, and its committed offsets.
/// </summary>
internal sealed class CoordinatedGroup : IDisposable
{
    private readonly Lock _lock = new();
    private readonly Group _group;
    private readonly TimeProvider _time;
    private readonly long _start;
    private readonly ITimer _timer;
    private readonly Dictionary<TopicPartition, CommittedOffset> _offsets = [];
    private TimeSpan? _armedFor;

    /// <param name="group">The state machine; nobody else may touch it from now on.</param>
    /// <param name="time">Its clock.</param>
    /// <param name="start">The timestamp that the group's times count from.</param>
    public CoordinatedGroup(Group group, TimeProvider time, long start)
    {
        (_group, _time, _start) = (group, time, start);
        EmptySince = time.GetUtcNow();
        _timer = time.CreateTimer(
            static self => ((CoordinatedGroup)self!).OnTimer(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Since when nobody has been a member, as far as this process knows; what the offsets' retention counts from.</summary>
    public DateTimeOffset EmptySince { get; private set; }

    /// <summary>Whether the coordinator has let it go; whoever still holds it asks the coordinator again.</summary>
    public bool IsRemoved { get; private set; }

    /// <summary>The committed offsets. Only within <see cref="Do"/>.</summary>
    public IDictionary<TopicPartition, CommittedOffset> Offsets => _offsets;

    /// <summary>Runs <paramref name="action"/> alone with the group, after what time has made due.</summary>
    /// <returns>False when the group has been removed meanwhile; nothing was run.</returns>
    public bool Do<TResult>(Func<Group, TimeSpan, TResult> action, out TResult result)
    {
        lock (_lock)
        {
            result = default!;
            if (IsRemoved)
                return false;
            var now = _time.GetElapsedTime(_start);
            var wasEmpty = _group.State == GroupState.Empty;
            _group.Advance(now);
            result = action(_group, now);
            if (!wasEmpty && _group.State == GroupState.Empty)
                EmptySince = _time.GetUtcNow();
            Arm(now);
            return true;
        }
    }

    /// <summary>Lets the group go if <paramref name="condition"/> holds.</summary>
    public bool RemoveIf(Func<Group, bool> condition)
    {
        lock (_lock)
        {
            if (IsRemoved || !condition(_group))
                return false;
            IsRemoved = true;
            _group.Abandon();
            _timer.Dispose();
            return true;
        }
    }

    public void Dispose() => RemoveIf(static _ => true);

    // Timers count in another clock's milliseconds and may fire before the deadline that they were set for. A timer that has fired is spent,
    // whatever the time is: it must be set anew, or what it was set for never happens.
    private void OnTimer()
    {
        lock (_lock)
        {
            _armedFor = null;
            Do(static (_, _) => true, out _);
        }
    }

    // A heartbeat moves its member's deadline out. The timer is left as it is then: it fires early, finds nothing due, and is set anew.
    private void Arm(TimeSpan now)
    {
        var next = _group.NextDeadline;
        if (_armedFor <= now)
            _armedFor = null;
        if (next is not { } deadline || _armedFor <= deadline)
            return;
        _armedFor = deadline;
        var wait = deadline > now ? deadline - now : TimeSpan.Zero;

        // Timers cut to whole milliseconds; one that fires a fraction early would fire again and again.
        _timer.Change(TimeSpan.FromMilliseconds(Math.Ceiling(wait.TotalMilliseconds)), Timeout.InfiniteTimeSpan);
    }
}
