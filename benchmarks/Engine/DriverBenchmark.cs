using System.Globalization;
using Streams;
using Streams.TestKit;

namespace Benchmarks.Engine;

/// <summary>The engine alone, in its test driver, beside Kafka Streams in its own: one thread, no broker, a commit after each record.</summary>
/// <remarks>
/// Records are 1 ms apart, keys uniformly random, values strings of 146 bytes by default, as the peer's. The outputs are not kept on either
/// side. A value of n ASCII characters is a string of 22 + 2n bytes: what <c>floor</c> shows of each record is its key and value alone.
/// </remarks>
internal static class DriverBenchmark
{
    private const long RecordsMax = 4_000_000;
    private const long FirstTime = 1_000_000;

    public static async Task<int> RunAsync(string[] args, TextWriter output)
    {
        var options = Options.Parse(args, "--seconds", "--runs", "--value-bytes", "--rows", "--peer");
        var seconds = options.Number("--seconds", 4);
        var runs = (int)options.Number("--runs", 2);
        var valueBytes = (int)options.Number("--value-bytes", 146);
        var wanted = options.Text("--rows", "");

        await output.WriteLineAsync($"test driver, one thread; values of {valueBytes} bytes; best of {runs} runs of {seconds} s");
        await output.WriteLineAsync($"{"row",-34} {"records/s",12} {"CPU µs",8} {"B/record",9}   {"peer/s",9} {"ratio",6}");
        var peer = await PeerRows.MeasureAsync(
            options.Text("--peer", ""), "driver", ["--driver-seconds", $"{seconds}", "--runs", $"{runs}", "--value-bytes", $"{valueBytes}"]);
        foreach (var row in DriverRow.All.Where(r => r.Name.Contains(wanted, StringComparison.Ordinal)))
        {
            var best = Enumerable.Range(0, runs).Select(_ => Measure(row, seconds, valueBytes)).MaxBy(m => m.PerSecond)!;
            var ratio = peer.TryGetValue(row.Name, out var theirs)
                ? string.Create(CultureInfo.InvariantCulture, $"{theirs,9:N0} {best.PerSecond / theirs,6:F1}")
                : "";
            await output.WriteLineAsync(string.Create(
                CultureInfo.InvariantCulture,
                $"{row.Name,-34} {best.PerSecond,12:N0} {best.CpuMicroseconds,8:F2} {best.AllocatedBytes,9:N0}   {ratio}"));
        }

        return 0;
    }

    private static Measurement Measure(DriverRow row, double seconds, int valueBytes)
    {
        var random = new Random(42);
        var keys = Enumerable.Range(0, row.Keys).Select(i => string.Create(CultureInfo.InvariantCulture, $"key-{i:D7}")).ToArray();
        var text = string.Create(valueBytes - 1, random, static (span, random) =>
        {
            foreach (ref var c in span)
                c = (char)('a' + random.Next(26));
        });
        var values = Enumerable.Range(0, 10).Select(i => $"{i}{text}").ToArray();

        using var driver = new TopologyTestDriver(row.Topology(), row.Config());
        driver.ForgetsOutputs = true;
        row.Prepare?.Invoke(driver, keys);
        var input = driver.CreateInputTopic<string, string>("in");
        Pipe(input, 20_000, 0);

        var meter = new Meter();
        long records = 0;
        while (records < RecordsMax && meter.Elapsed.TotalSeconds < seconds)
        {
            Pipe(input, 1_000, 20_000 + records);
            records += 1_000;
        }

        return meter.Of(records);

        void Pipe(TestInputTopic<string, string> to, int count, long from)
        {
            for (var i = 0; i < count; i++)
                to.PipeInput(keys[random.Next(keys.Length)], values[random.Next(values.Length)], FirstTime + from + i);
        }
    }
}
