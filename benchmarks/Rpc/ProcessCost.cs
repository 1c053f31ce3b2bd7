using System.Globalization;

namespace Benchmarks.Rpc;

/// <summary>What a process has used up since its start.</summary>
/// <param name="Cpu">CPU time of all its threads.</param>
/// <param name="AllocatedBytes">Bytes allocated by all its threads.</param>
internal readonly record struct ProcessCost(TimeSpan Cpu, long AllocatedBytes)
{
    public static ProcessCost Now() => new(Environment.CpuUsage.TotalTime, GC.GetTotalAllocatedBytes(precise: true));

    public static ProcessCost Parse(string text)
    {
        var parts = text.Split(' ');
        return new(TimeSpan.FromTicks(long.Parse(parts[0], CultureInfo.InvariantCulture)), long.Parse(parts[1], CultureInfo.InvariantCulture));
    }

    public static ProcessCost operator -(ProcessCost later, ProcessCost earlier) =>
        new(later.Cpu - earlier.Cpu, later.AllocatedBytes - earlier.AllocatedBytes);

    public string ToText() => string.Create(CultureInfo.InvariantCulture, $"{Cpu.Ticks} {AllocatedBytes}");
}
