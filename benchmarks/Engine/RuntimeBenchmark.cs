using System.Diagnostics;
using System.Globalization;
using Kafka;
using Microsoft.Extensions.Logging.Abstractions;
using Streams;
using Streams.RocksDb;
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
    private const string Input = "bench-in";
    private const string Table = "bench-table";

    public static async Task<int> RunAsync(string[] args, TextWriter output)
    {
        var options = Options.Parse(args, "--records", "--runs", "--keys", "--rows", "--peer", "--peer-limit-s", "--limit-s");
        var records = options.Number("--records", 1_000_000);
        var runs = (int)options.Number("--runs", 2);
        var keys = (int)options.Number("--keys", 1_000);
        var limit = TimeSpan.FromSeconds(options.Number("--limit-s", 120));
        var rows = RuntimeRow.All.Where(r => r.Name.Contains(options.Text("--rows", ""), StringComparison.Ordinal)).ToList();

        await using var real = RealKafka.Missing is null ? await RealKafka.StartAsync() : null;
        await using var own = real is null ? await EmbeddedBroker.StartAsync() : null;
        var bootstrap = real?.BootstrapServers ?? own!.BootstrapServers;
        await output.WriteLineAsync($"runtime, one thread, {Partitions} partitions, {records:N0} records, {keys:N0} keys, on {(real is null ? "our broker (in this process)" : "Apache Kafka")}");

        var client = new ConfluentLogClient(new KafkaSettings { BootstrapServers = bootstrap }, NullLoggerFactory.Instance);
        using (var waiting = new CancellationTokenSource(limit))
            await PreloadAsync(client, records, keys, waiting.Token);
        var peers = string.Join(',', rows.Select(r => r.Peer).OfType<string>());
        var peer = new PeerRows();
        if (real is not null && peers.Length > 0)
        {
            await peer.MeasureAsync(
                PeerProgram.At(options.Text("--peer", "")).Bench(
                    peers, "--bootstrap", bootstrap, "--guarantees", "alo", "--records", $"{records}", "--runs", $"{runs}", "--keys", $"{keys}"),
                TimeSpan.FromSeconds(options.Number("--peer-limit-s", 300)),
                output);
        }

        await output.WriteLineAsync($"{"row",-20} {"records/s",12} {"CPU µs",8}   {PeerRows.Heading}");
        foreach (var row in rows)
        {
            try
            {
                Measurement? best = null;
                for (var run = 0; run < runs; run++)
                {
                    var measured = await MeasureAsync(client, $"bench-{row.Name}-{run}", row, records, limit);
                    best = best is null || measured.PerSecond > best.PerSecond ? measured : best;
                }

                await output.WriteLineAsync(string.Create(
                    CultureInfo.InvariantCulture,
                    $"{row.Name,-20} {best!.PerSecond,12:N0} {best.CpuMicroseconds,8:F2}   {(row.Peer is null ? "" : peer.Ratio(row.Peer, best))}"));
            }
            catch (TimeoutException)
            {
                await output.WriteLineAsync($"{row.Name,-20} given up: its records were not through after {limit.TotalSeconds:F0} s");
            }
            catch (RocksDbMissingException missing)
            {
                await output.WriteLineAsync($"{row.Name,-20} skipped: {missing.Message}");
            }
        }

        return 0;
    }

    private static async Task<Measurement> MeasureAsync(ConfluentLogClient client, string id, RuntimeRow row, long records, TimeSpan limit)
    {
        var to = $"{id}-out";
        using (var admin = client.CreateAdmin())
            await admin.CreateTopicsAsync([new(to, Partitions)], CancellationToken.None).WaitAsync(limit);

        var all = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Meter? meter = null;
        long seen = 0;
        var stores = row.OnRocksDb ? (StoreEngine)new RocksDbStores() : InMemoryStores.Default;
        using var closing = stores as IDisposable;
        var folder = Directory.CreateTempSubdirectory("streams-bench-");
        var config = new StreamConfig
        {
            ApplicationId = id,
            StateDirectory = folder.FullName,
            CacheBytesMax = row.Cached ? 10 << 20 : 0,
            UncaughtErrors = error => { all.TrySetException(error); return UncaughtErrorResponse.ShutdownClient; },
        };
        try
        {
            await using (var application = new KafkaStream(row.Topology(Input, Table, to, stores, See), config, client, NullLoggerFactory.Instance, TimeProvider.System))
            {
                await application.StartAsync().WaitAsync(limit);
                await all.Task.WaitAsync(limit);
            }

            // Disposed: everything is produced and committed.
            return meter!.Of(records);
        }
        finally
        {
            folder.Delete(recursive: true);
        }

        void See()
        {
            meter ??= new Meter();
            if (++seen == records)
                all.TrySetResult();
        }
    }

    private static async Task PreloadAsync(ConfluentLogClient client, long records, int keys, CancellationToken cancellation)
    {
        using (var admin = client.CreateAdmin())
            await admin.CreateTopicsAsync([new(Input, Partitions), new(Table, Partitions)], cancellation);

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
        for (var i = 0; i < keys; i++)
            await WriteAsync(Table, i, 1_000_000);
        for (long i = 0; i < records; i++)
            await WriteAsync(Input, random.Next(keys), 1_000_000 + i);
        await producer.FlushAsync(cancellation);

        async ValueTask WriteAsync(string topic, int number, long time)
        {
            System.Text.Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"key-{number:D7}"), key);
            while (!Append(topic, time))
                await producer.WaitForRoomAsync(cancellation);
        }

        bool Append(string topic, long time) => producer.TryAppend(new OutgoingRecord
        {
            Topic = topic,
            Key = key,
            HasKey = true,
            Value = values[random.Next(values.Length)],
            HasValue = true,
            TimestampMs = time,
        });
    }
}
