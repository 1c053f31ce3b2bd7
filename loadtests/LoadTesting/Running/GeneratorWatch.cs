using System.Diagnostics;
using LoadTesting.Statistics;

namespace LoadTesting.Running;

/// <summary>What this process has used since the watch began.</summary>
internal sealed class GeneratorWatch
{
    private readonly TimeProvider _time;
    private readonly long _began;
    private readonly TimeSpan _cpu = Environment.CpuUsage.TotalTime;
    private readonly int _collections = GC.CollectionCount(GC.MaxGeneration);

    public GeneratorWatch(TimeProvider time) => (_time, _began) = (time, time.GetTimestamp());

    public GeneratorStats Read()
    {
        using var process = Process.GetCurrentProcess();
        var elapsed = _time.GetElapsedTime(_began);
        return new GeneratorStats(
            elapsed <= TimeSpan.Zero ? 0 : Math.Round((Environment.CpuUsage.TotalTime - _cpu) / elapsed, 3),
            process.PeakWorkingSet64,
            GC.GetTotalMemory(forceFullCollection: false),
            GC.CollectionCount(GC.MaxGeneration) - _collections);
    }
}
