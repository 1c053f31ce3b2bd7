namespace Streams.Runtime;

/// <summary>The share of its time in which a thread works: of the last whole stretch of some seconds, so that whoever asks changes nothing.</summary>
/// <remarks>Added to by the thread, read by any.</remarks>
internal sealed class WorkShare(TimeProvider time)
{
    private static readonly TimeSpan Stretch = TimeSpan.FromSeconds(5);

    private long _begun = time.GetTimestamp();
    private TimeSpan _worked;
    private double _ratio;

    /// <summary>0 to 1; 0 before the first stretch has passed.</summary>
    public double Ratio => Volatile.Read(ref _ratio);

    /// <summary>The thread has just worked for so long.</summary>
    public void Add(TimeSpan worked)
    {
        _worked += worked;
        var passed = time.GetElapsedTime(_begun);
        if (passed < Stretch)
            return;

        Volatile.Write(ref _ratio, Math.Min(1, _worked / passed));
        (_begun, _worked) = (time.GetTimestamp(), TimeSpan.Zero);
    }
}
