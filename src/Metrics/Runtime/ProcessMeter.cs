using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Reflection;

namespace Metrics.Runtime;

/// <summary>Which build this is, and the process under the names that stock dashboards for .NET ask for (those of prometheus-net).</summary>
internal sealed class ProcessMeter
{
    private const string OwnThreads = "/proc/self/task";
    private const string OwnHandles = "/proc/self/fd";

    public ProcessMeter(IMeterFactory meters, string? dataDirectory)
    {
        var meter = meters.Create("Streams.Process");
        var (version, revision) = Build();
        meter.CreateObservableGauge(
            "streams.build.info",
            () => new Measurement<int>(1, new KeyValuePair<string, object?>("version", version), new("revision", revision)),
            description: "Always 1; the labels say which build runs.");

        meter.CreateObservableCounter("process.cpu", () => Environment.CpuUsage.TotalTime.TotalSeconds, "s", "Processor time used, user and system.");
        meter.CreateObservableGauge("process.working_set", () => Environment.WorkingSet, "By", "Memory of the process that is in RAM.");
        meter.CreateObservableGauge("process.private_memory", () => Of(process => process.PrivateMemorySize64), "By", "Memory that no other process shares.");
        meter.CreateObservableGauge("process.virtual_memory", () => Of(process => process.VirtualMemorySize64), "By", "Addresses that the process has, in RAM or not.");
        meter.CreateObservableGauge("process.open_handles", () => Count(OwnHandles, process => process.HandleCount), description: "Files, sockets and other handles open.");
        meter.CreateObservableGauge("process.num_threads", () => Count(OwnThreads, process => process.Threads.Count), description: "Threads of the process.");
        meter.CreateObservableGauge("process.start_time", StartTime, "s", "When the process started, in seconds since 1970-01-01 UTC.");
        meter.CreateObservableCounter("dotnet.collection_count", Collections, description: "Garbage collections, by generation.");
        if (dataDirectory is not null)
        {
            meter.CreateObservableGauge("streams.volume.available", () => Volume(dataDirectory).AvailableFreeSpace, "By", "Room that is left on the volume of the data folder.");
            meter.CreateObservableGauge("streams.volume.size", () => Volume(dataDirectory).TotalSize, "By", "Size of the volume of the data folder.");
        }

        meter.CreateObservableGauge("dotnet.total_memory", () => GC.GetTotalMemory(forceFullCollection: false), "By", "Memory of the managed heap in use.");
    }

    private static (string Version, string Revision) Build()
    {
        // 1.2.3+f00dcafe…, as the SDK writes it for a build from a repository.
        var text = typeof(ProcessMeter).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "unknown";
        return text.Split('+', 2) is [var version, var revision] ? (version, revision) : (text, "unknown");
    }

    // The folder may be a mount of its own: not the drive of its path's root.
    private static DriveInfo Volume(string folder) => new(Path.GetFullPath(folder));

    private static double StartTime() => Of(process => new DateTimeOffset(process.StartTime).ToUnixTimeMilliseconds() / 1000.0);

    private static T Of<T>(Func<Process, T> look)
    {
        using var process = Process.GetCurrentProcess();
        return look(process);
    }

    private static IEnumerable<Measurement<int>> Collections() =>
        Enumerable.Range(0, GC.MaxGeneration + 1)
            .Select(generation => new Measurement<int>(GC.CollectionCount(generation), new KeyValuePair<string, object?>("generation", generation)));

    // The class Process reads a file for every thread to count them; the folder alone says it.
    private static int Count(string folder, Func<Process, int> elsewhere)
    {
        return Directory.Exists(folder) ? Directory.EnumerateFileSystemEntries(folder).Count() : Of(elsewhere);
    }
}
