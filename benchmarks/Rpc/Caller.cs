using System.Diagnostics;
using HdrHistogram;

namespace Benchmarks.Rpc;

/// <summary>One of a row's callers: how much it did, and how long each answer took where each is waited for.</summary>
internal sealed class Caller
{
    private long _asked;

    public long Messages { get; private set; }

    public LongHistogram Microseconds { get; } = new(TimeSpan.MicrosecondsPerMinute, 3);

    public void Ask() => _asked = Stopwatch.GetTimestamp();

    public void Answered()
    {
        Microseconds.RecordValue(Math.Max(1, (long)Stopwatch.GetElapsedTime(_asked).TotalMicroseconds));
        Messages++;
    }

    public void Moved(long messages) => Messages += messages;
}
