using System.Reflection;
using System.Runtime.InteropServices;

namespace LoadTesting.Statistics;

/// <summary>Where a run ran.</summary>
/// <param name="Machine">The machine's name.</param>
/// <param name="OperatingSystem">Its system.</param>
/// <param name="Processors">Processors that the load program may use.</param>
/// <param name="MemoryBytes">Memory that it may use.</param>
/// <param name="Runtime">The .NET it ran on.</param>
/// <param name="Version">The load program's version.</param>
public sealed record RunEnvironment(string Machine, string OperatingSystem, int Processors, long MemoryBytes, string Runtime, string Version)
{
    /// <summary>This machine and this program.</summary>
    public static RunEnvironment Here() => new(
        System.Environment.MachineName,
        RuntimeInformation.OSDescription,
        System.Environment.ProcessorCount,
        GC.GetGCMemoryInfo().TotalAvailableMemoryBytes,
        RuntimeInformation.FrameworkDescription,
        typeof(RunEnvironment).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "0");
}

/// <summary>What the load program itself used.</summary>
/// <param name="CpuRatio">Processors kept busy, on average: 1 is one of them.</param>
/// <param name="PeakWorkingSetBytes">Most memory it had at once.</param>
/// <param name="HeapBytes">Managed memory at the end.</param>
/// <param name="GarbageCollections">Collections of its oldest generation.</param>
public sealed record GeneratorStats(double CpuRatio, long PeakWorkingSetBytes, long HeapBytes, int GarbageCollections);
