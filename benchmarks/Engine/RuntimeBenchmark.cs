using System.Diagnostics;
using System.Globalization;
using Kafka;
using Microsoft.Extensions.Logging.Abstractions;
using Streams;
using TestKit;

namespace Benchmarks.Engine;

/// <summary>The whole runtime on a broker: from a preloaded topic, through a topology, into a topic, with the commit at the end.</summary>
/// <remarks>
/// On Apache Kafka where <c>../shared/kafka</c> is, else on our own broker in this process (whose CPU then counts too). The peer runs the same
/// topologies on the same broker in the same run. Records and keys are the peer's: 1 ms apart, uniformly random keys, values of 146 bytes.
/// </remarks>
internal static class RuntimeBenchmark
{
    private const int Partitions = 2;

    public static async Task<int> RunAsync(string[] args, TextWriter output)
    {
        var options = Options.Parse(args, "--records", "--runs", "--keys", "--peer");
        var records = options.Number("--records", 1_000_000);
        var runs = (int)options.Number("--runs", 2);
        var keys = (int)options.Number("--keys", 1_000);

        await using var real = RealKafka.Missing is null ? await RealKafka.StartAsync() : null;
        await using var own = real is null ? await EmbeddedBroker.StartAsync() : null;
        var bootstrap = real?.BootstrapServers ?? own!.BootstrapServers;
        await output.WriteLineAsync($"runtime, one thread, {Partitions} partitions, {records:N0} records, {keys:N0} keys, on {(real is null ? "our broker (in this process)" : "Apache Kafka")}");

        var client = new ConfluentLogClient(new KafkaSettings { BootstrapServers = bootstrap }, NullLoggerFactory.Instance);
        await PreloadAsync(client, records, keys);
        var peer = real is null
            ? new Dictionary<string, double>()
            : await PeerRows.MeasureAsync(
                options.Text("--peer", ""), "filter,count-inmemory",
                ["--bootstrap", bootstrap, "--guarantees", "alo", "--records", $"{records}", "--runs", $"{runs}", "--keys", $"{keys}"]);

        await output.WriteLineAsync($"{"row",-20} {"records/s",12} {"CPU µs",8}   {"peer/s",9} {"ratio",6}");
        foreach (var (name, topology) in Rows())
        {
            Measurement? best = null;
            for (var run = 0; run < runs; run++)
            {
                var measured = await MeasureAsync(client, $"bench-{name}-{run}", topology, records);
                best = best is null || measured.PerSecond > best.PerSecond ? measured : best;
            }

            var ratio = peer.TryGetValue(name, out var theirs)
                ? string.Create(CultureInfo.InvariantCulture, $"{theirs,9:N0} {best!.PerSecond / theirs,6:F1}")
                : "";
            await output.WriteLineAsync(string.Create(
                CultureInfo.InvariantCulture, $"{name,-20} {best!.PerSecond,12:N0} {best.CpuMicroseconds,8:F2}   {ratio}"));
        }

        return 0;
    }

    private static IEnumerable<(string Name, Func<string, Action, Topology> Topology)> Rows() =>
    [
        ("filter", (to, seen) => BenchmarkTopology.Filter("bench-in", to, seen)),
        ("count-inmemory", (to, seen) => BenchmarkTopology.WindowedCount("bench-in", to, store => store, seen)),
    ];

    private static async Task<Measurement> MeasureAsync(ConfluentLogClient client, string id, Func<string, Action, Topology> topology, long records)
    {
        var to = $"{id}-out";
        using (var admin = client.CreateAdmin())
            await admin.CreateTopicsAsync([new(to, Partitions)], CancellationToken.None);

        var all = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Meter? meter = null;
        long seen = 0;
        var config = new StreamConfig { ApplicationId = id, UncaughtErrors = error => { all.TrySetException(error); return UncaughtErrorResponse.ShutdownClient; } };
        await using (var application = new KafkaStream(topology(to, See), config, client, NullLoggerFactory.Instance, TimeProvider.System))
        {
            await application.StartAsync();
            await all.Task;
        }

        // Disposed: everything is produced and committed.
        return meter!.Of(records);

        void See()
        {
            meter ??= new Meter();
            if (++seen == records)
                all.TrySetResult();
        }
    }

    private static async Task PreloadAsync(ConfluentLogClient client, long records, int keys)
    {
        using (var admin = client.CreateAdmin())
            await admin.CreateTopicsAsync([new("bench-in", Partitions)], CancellationToken.None);

        var random = new Random(42);
        var values = new byte[10][];
        for (var i = 0; i < values.Length; i++)
        {
            values[i] = new byte[146];
            for (var j = 1; j < values[i].Length; j++)
                values[i][j] = (byte)('a' + random.Next(26));
            values[i][0] = (byte)('0' + i);
        }

        await using var producer = client.CreateProducer(new());
        var key = new byte[11];
        for (long i = 0; i < records; i++)
        {
            System.Text.Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"key-{random.Next(keys):D7}"), key);
            while (!Append(i))
                await producer.WaitForRoomAsync(CancellationToken.None);
        }

        await producer.FlushAsync(CancellationToken.None);

        bool Append(long at) => producer.TryAppend(new OutgoingRecord
        {
            Topic = "bench-in",
            Key = key,
            HasKey = true,
            Value = values[random.Next(values.Length)],
            HasValue = true,
            TimestampMs = 1_000_000 + at,
        });
    }
}
