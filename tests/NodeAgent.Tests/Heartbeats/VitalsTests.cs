using Microsoft.Extensions.Logging.Abstractions;
using NodeAgent.Heartbeats;
using NodeAgent.Queue;
using TestKit;

namespace NodeAgent.Tests.Heartbeats;

public sealed class VitalsTests
{
    [Fact]
    public void Vitals_are_read_from_proc()
    {
        using var root = new TempDirectory();
        var proc = Directory.CreateDirectory(root.Combine("proc")).FullName;
        var options = new AgentOptions { DataDirectory = root.Combine("queue") };
        var metrics = new AgentMetrics(new TestMeters());
        using var queue = DiskQueue.Open(options.DataDirectory, options.Queue, TimeProvider.System, NullLogger<DiskQueue>.Instance);
        var reader = new VitalsReader(queue, metrics, options, proc);
        Write("loadavg", "0.75 0.60 0.50 1/100 1234\n");
        Write("meminfo", "MemTotal:       1000 kB\nMemFree:         100 kB\nMemAvailable:    400 kB\n");
        Write("stat", "cpu  100 0 100 800 0 0 0 0 0 0\ncpu0 1 2 3 4\n");
        reader.Read();

        Write("stat", "cpu  150 0 125 875 50 0 0 0 0 0\n");
        var vitals = reader.Read();

        Assert.Equal(0.375, vitals.CpuRatio, 3);
        Assert.Equal(0.6, vitals.MemoryRatio, 3);
        Assert.Equal(0.75, vitals.Load1M, 3);
        Assert.InRange(vitals.DiskRatio, 0, 1);

        void Write(string name, string text) => File.WriteAllText(Path.Combine(proc, name), text);
    }

    [Fact]
    public void What_the_system_does_not_say_is_zero()
    {
        using var root = new TempDirectory();
        var options = new AgentOptions { DataDirectory = root.Combine("queue") };
        var metrics = new AgentMetrics(new TestMeters());
        using var queue = DiskQueue.Open(options.DataDirectory, options.Queue, TimeProvider.System, NullLogger<DiskQueue>.Instance);

        var vitals = new VitalsReader(queue, metrics, options, root.Combine("none")).Read();

        Assert.Equal((0, 0, 0), (vitals.CpuRatio, vitals.MemoryRatio, vitals.Load1M));
    }
}
