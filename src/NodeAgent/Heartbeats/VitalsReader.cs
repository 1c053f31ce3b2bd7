using System.Globalization;
using NodeAgent.Queue;
using Streams.Contracts.V1;

namespace NodeAgent.Heartbeats;

/// <summary>The machine's and the agent's vital signs. What the system does not say stays zero.</summary>
/// <remarks>Source: proc(5), for <c>/proc/stat</c>, <c>/proc/meminfo</c> and <c>/proc/loadavg</c>.</remarks>
internal sealed class VitalsReader(DiskQueue queue, AgentMetrics metrics, AgentOptions options, string proc = "/proc")
{
    private long _busy;
    private long _total;

    public Vitals Read()
    {
        var vitals = new Vitals
        {
            CpuRatio = Cpu(Lines("stat")),
            MemoryRatio = Memory(Lines("meminfo")),
            Load1M = Load(Lines("loadavg")),
            DiskRatio = Disk(),
            QueueBytes = (ulong)queue.Waiting.Bytes,
            RecordsSent = (ulong)metrics.Sent,
            RecordsDropped = (ulong)metrics.Dropped,
        };
        return vitals;
    }

    private string[] Lines(string name)
    {
        try
        {
            return File.ReadAllLines(Path.Combine(proc, name));
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return []; // Not this system; the ratio stays zero.
        }
    }

    // cpu user nice system idle iowait irq softirq steal guest …: busy is all but idle and iowait, since the last look.
    private double Cpu(string[] lines)
    {
        if (lines is not [var first, ..] || !first.StartsWith("cpu ", StringComparison.Ordinal))
            return 0;
        var times = Numbers(first).Take(8).ToArray();
        if (times.Length < 5)
            return 0;

        var (busyBefore, totalBefore) = (_busy, _total);
        _total = times.Sum();
        _busy = _total - times[3] - times[4];
        return _total > totalBefore ? Math.Clamp((double)(_busy - busyBefore) / (_total - totalBefore), 0, 1) : 0;
    }

    private static double Memory(string[] lines)
    {
        var total = Value(lines, "MemTotal:");
        var available = Value(lines, "MemAvailable:");
        return total > 0 ? Math.Clamp(1 - (double)available / total, 0, 1) : 0;
    }

    private static long Value(string[] lines, string name) =>
        lines.FirstOrDefault(line => line.StartsWith(name, StringComparison.Ordinal)) is { } line ? Numbers(line).FirstOrDefault() : 0;

    private static double Load(string[] lines) =>
        lines is [var line, ..] && double.TryParse(line.Split(' ')[0], CultureInfo.InvariantCulture, out var load) ? load : 0;

    // The fuller of the system's disk and the one that holds the queue.
    private double Disk() => Math.Max(Fullness("/"), Fullness(Path.GetFullPath(options.DataDirectory)));

    private static double Fullness(string path)
    {
        try
        {
            var drive = new DriveInfo(path);
            return drive.TotalSize > 0 ? 1 - (double)drive.AvailableFreeSpace / drive.TotalSize : 0;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return 0;
        }
    }

    private static IEnumerable<long> Numbers(string line) =>
        from word in line.Split(' ', StringSplitOptions.RemoveEmptyEntries)
        where long.TryParse(word, NumberStyles.None, CultureInfo.InvariantCulture, out _)
        select long.Parse(word, CultureInfo.InvariantCulture);
}
