namespace Grpc.Wire;

/// <summary>Runs something once a time has passed, however long that is, and never before.</summary>
internal sealed class Countdown
{
    // What a timer takes; a time further off is waited for in several stretches.
    private static readonly TimeSpan StretchMax = TimeSpan.FromDays(40);

    private readonly TimeProvider _time;
    private readonly TimeSpan _duration;
    private readonly Action _elapsed;
    private readonly long _start;
    private readonly ITimer _timer;

    public Countdown(TimeSpan duration, TimeProvider time, Action elapsed)
    {
        _time = time;
        _duration = duration;
        _elapsed = elapsed;
        _start = time.GetTimestamp();

        // What runs belongs to no one request, so it takes no request's context along.
        using var suppressed = ExecutionContext.IsFlowSuppressed() ? default(AsyncFlowControl?) : ExecutionContext.SuppressFlow();
        _timer = time.CreateTimer(static state => ((Countdown)state!).OnTimer(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Starts to count. Apart from the constructor, so that the owner can hold this before it runs.</summary>
    public void Start() => Arm(_duration - _time.GetElapsedTime(_start));

    public void Stop() => _timer.Dispose();

    private void Arm(TimeSpan left)
    {
        var stretch = left < StretchMax ? left : StretchMax;
        _timer.Change(stretch > TimeSpan.Zero ? stretch : TimeSpan.Zero, Timeout.InfiniteTimeSpan);
    }

    private void OnTimer()
    {
        // A timer may fire early by its clock's grain.
        var left = _duration - _time.GetElapsedTime(_start);
        if (left > TimeSpan.Zero)
            Arm(left);
        else
            _elapsed();
    }
}
