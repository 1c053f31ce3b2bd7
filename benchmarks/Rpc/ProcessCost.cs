using System.Globalization;
using System.Runtime;

namespace Benchmarks.Rpc;

/// <summary>What a process has used up since its start.</summary>
/// <param name="Cpu">CPU time of all its threads.</param>
/// <param name="AllocatedBytes">Bytes allocated by all its threads.</param>
/// <param name="Compiling">Time that the compiler took.</param>
internal readonly record struct ProcessCost(TimeSpan Cpu, long AllocatedBytes, TimeSpan Compiling)
{
    public static ProcessCost Now() =>
        new(Environment.CpuUsage.TotalTime, GC.GetTotalAllocatedBytes(precise: true), JitInfo.GetCompilationTime(currentThread: false));

    public static ProcessCost Parse(string text)
    {
        var parts = text.Split(' ');
        return new(TimeSpan.FromTicks(long.Parse(parts[0], CultureInfo.InvariantCulture)), long.Parse(parts[1], CultureInfo.InvariantCulture), TimeSpan.FromTicks(long.Parse(parts[2], CultureInfo.InvariantCulture)));
    }

    public static ProcessCost operator -(ProcessCost later, ProcessCost earlier) =>
        new(later.Cpu - earlier.Cpu, later.AllocatedBytes - earlier.AllocatedBytes, later.Compiling - earlier.Compiling);

    public string ToText() => string.Create(CultureInfo.InvariantCulture, $"{Cpu.Ticks} {AllocatedBytes} {Compiling.Ticks}");
}
