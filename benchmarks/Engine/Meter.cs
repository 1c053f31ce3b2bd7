using System.Diagnostics;

namespace Benchmarks.Engine;

/// <summary>What a stretch of work took: time on the wall, CPU of the whole process, bytes allocated by this thread.</summary>
internal sealed class Meter
{
    private readonly long _start;
    private readonly TimeSpan _cpu;
    private readonly long _allocated;

    public Meter()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        _allocated = GC.GetAllocatedBytesForCurrentThread();
        _cpu = CpuNow();
        _start = Stopwatch.GetTimestamp();
    }

    public TimeSpan Elapsed => Stopwatch.GetElapsedTime(_start);

    public Measurement Of(long records) => new(
        records,
        records / Elapsed.TotalSeconds,
        (CpuNow() - _cpu).TotalMicroseconds / records,
        (double)(GC.GetAllocatedBytesForCurrentThread() - _allocated) / records);

    private static TimeSpan CpuNow() => Environment.CpuUsage.TotalTime;
}

/// <summary>One row's figures.</summary>
/// <param name="Records">Records that went in.</param>
/// <param name="PerSecond">Records per second on the wall.</param>
/// <param name="CpuMicroseconds">CPU time of the whole process per record, garbage collection included.</param>
/// <param name="AllocatedBytes">Bytes allocated per record on the thread that processes.</param>
internal sealed record Measurement(long Records, double PerSecond, double CpuMicroseconds, double AllocatedBytes);
