using System.Globalization;
using Streams;
using Streams.RocksDb;
using Streams.TestKit;

namespace Benchmarks.Engine;

/// <summary>The engine alone, in its test driver, beside Kafka Streams in its own: one thread, no broker, a commit after each record.</summary>
/// <remarks>
/// Records are 1 ms apart, keys uniformly random, values strings of 146 bytes by default, as the peer's. The outputs are not kept on either
/// side, and no cache is in front of a store. Bytes are given twice: all that is allocated per record, and what is left of it without the strings that the
/// records' keys and values are read into, which are the user's serdes' (with a table on RocksDB, those of the rows that are joined, too).
/// </remarks>
internal static class DriverBenchmark
{
    private const long RecordsMax = 4_000_000;
    private const long FirstTime = 1_000_000;

    // Enough for the hot methods to be compiled for good.
    private const int WarmUp = 200_000;

    public static async Task<int> RunAsync(string[] args, TextWriter output)
    {
        var options = Options.Parse(args, "--seconds", "--runs", "--value-bytes", "--rows", "--peer", "--peer-limit-s");
        var seconds = options.Number("--seconds", 4);
        var runs = (int)options.Number("--runs", 2);
        var valueBytes = (int)options.Number("--value-bytes", 146);
        var rows = DriverRow.All.Where(r => r.Name.Contains(options.Text("--rows", ""), StringComparison.Ordinal)).ToList();

        await output.WriteLineAsync($"test driver, one thread; values of {valueBytes} bytes; best of {runs} runs of {seconds} s");
        var peer = await MeasurePeerAsync(options, rows, seconds, runs, valueBytes, output);
        await output.WriteLineAsync($"{"row",-30} {"records/s",12} {"CPU µs",8} {"B/record",9} {"beyond",7}   {PeerRows.Heading}");
        foreach (var row in rows)
        {
            if (await TryMeasureAsync(row, runs, seconds, valueBytes, output) is not { } best)
                continue;

            await output.WriteLineAsync(string.Create(
                CultureInfo.InvariantCulture,
                $"{row.Name,-30} {best.PerSecond,12:N0} {best.CpuMicroseconds,8:F2} {best.AllocatedBytes,9:N0} {best.AllocatedBytes - StringBytes(row, valueBytes),7:N0}   {peer.Ratio(row.Name, best)}"));
        }

        return 0;
    }

    private static async Task<PeerRows> MeasurePeerAsync(
        Options options, IReadOnlyList<DriverRow> rows, double seconds, int runs, int valueBytes, TextWriter output)
    {
        var limit = TimeSpan.FromSeconds(options.Number("--peer-limit-s", 300));
        var program = PeerProgram.At(options.Text("--peer", ""));
        var peer = new PeerRows();
        if (rows.Any(row => row.Peer == DriverPeer.Bench))
            await peer.MeasureAsync(program.Bench("driver", "--driver-seconds", $"{seconds}", "--runs", $"{runs}", "--value-bytes", $"{valueBytes}"), limit, output);

        var others = rows.Where(row => row.Peer == DriverPeer.JoinsAndSessions).Select(row => row.Name.Split(' ')[0]).Distinct().ToList();
        if (others.Count > 0)
            await peer.MeasureAsync(program.Java("JoinsAndSessions.java", [$"{seconds}", $"{runs}", $"{valueBytes}", .. others]), limit, output);
        return peer;
    }

    private static async Task<Measurement?> TryMeasureAsync(DriverRow row, int runs, double seconds, int valueBytes, TextWriter output)
    {
        try
        {
            return Enumerable.Range(0, runs).Select(_ => Measure(row, seconds, valueBytes)).MaxBy(m => m.PerSecond);
        }
        catch (RocksDbMissingException missing)
        {
            await output.WriteLineAsync($"{row.Name,-30} skipped: {missing.Message}");
            return null;
        }
    }

    private static Measurement Measure(DriverRow row, double seconds, int valueBytes)
    {
        var random = new Random(42);
        var keys = Enumerable.Range(0, row.Keys).Select(i => string.Create(CultureInfo.InvariantCulture, $"key-{i:D7}")).ToArray();
        var values = Values(valueBytes, random);

        var stores = row.Stores();
        using var closing = stores as IDisposable;
        using var driver = new TopologyTestDriver(row.Topology(stores), new StreamConfig { ApplicationId = "bench", CacheBytesMax = 0 });
        driver.ForgetsOutputs = true;
        if (row.HasTable)
            Fill(driver.CreateInputTopic<string, string>("table"), keys, values);
        var input = driver.CreateInputTopic<string, string>("in");
        Pipe(WarmUp, 0);

        var meter = new Meter();
        long records = 0;
        while (records < RecordsMax && meter.Elapsed.TotalSeconds < seconds)
        {
            Pipe(1_000, WarmUp + records);
            records += 1_000;
        }

        return meter.Of(records);

        void Pipe(int count, long from)
        {
            for (var i = 0; i < count; i++)
                input.PipeInput(keys[random.Next(keys.Length)], values[random.Next(values.Length)], FirstTime + from + i);
        }
    }

    private static void Fill(TestInputTopic<string, string> table, string[] keys, string[] values)
    {
        for (var i = 0; i < keys.Length; i++)
            table.PipeInput(keys[i], values[i % values.Length], FirstTime);
    }

    private static string[] Values(int bytes, Random random)
    {
        var text = string.Create(bytes - 1, random, static (span, random) =>
        {
            foreach (ref var c in span)
                c = (char)('a' + random.Next(26));
        });
        return [.. Enumerable.Range(0, 10).Select(i => $"{i}{text}")];
    }

    /// <summary>What reading a record's strings allocates: 22 bytes and two for each character, up to the next eight.</summary>
    private static double StringBytes(DriverRow row, int valueBytes)
    {
        var key = "key-0000000"u8.ToArray();
        var value = new byte[valueBytes];
        value.AsSpan().Fill((byte)'a');
        const int Times = 1_000;
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < Times; i++)
        {
            _ = Serdes.String.Deserialize(key);
            _ = Serdes.String.Deserialize(value);
            if (row is { HasTable: true, OnRocksDb: true })
                _ = Serdes.String.Deserialize(value);
        }

        return (double)(GC.GetAllocatedBytesForCurrentThread() - before) / Times;
    }
}
