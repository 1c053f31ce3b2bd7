using System.Buffers;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using Benchmarks.Engine;
using Google.Protobuf;
using HdrHistogram;

namespace Benchmarks.Rpc;

/// <summary>Our gRPC client and server, two processes on loopback, beside Kestrel and SocketsHttpHandler moving the same bytes in the same run, and, for unary calls, the same with gRPC's headers.</summary>
/// <remarks>
/// The sides take turns, run by run, so that whatever else the machine does meets both. A figure is the median of its runs. Streams are flushed message by
/// message on the bare side; ours gives no hints and is free to send together what is ready together.
/// </remarks>
internal static class RpcBenchmark
{
    private const int WarmUpSecondsMax = 12;

    /// <summary>Of a second, on both sides: less than one in a hundred of what two cores do.</summary>
    private static readonly TimeSpan CompilingMax = TimeSpan.FromMilliseconds(20);

    public static async Task<int> RunAsync(string[] args, TextWriter output)
    {
        var options = Options.Parse(args, "--rows", "--sides", "--seconds", "--runs");
        var seconds = TimeSpan.FromSeconds(options.Number("--seconds", 3));
        var runs = (int)options.Number("--runs", 5);
        var rows = RpcRow.All.Where(row => row.Name.Contains(options.Text("--rows", ""), StringComparison.Ordinal)).ToList();

        using var server = StartServer();
        try
        {
            var address = await AddressAsync(server);
            using ISide grpc = new GrpcSide(address), dressed = new BareSide(address, isDressed: true), bare = new BareSide(address);
            var sides = new[] { grpc, dressed, bare }.Where(side => side.Name.Contains(options.Text("--sides", ""), StringComparison.Ordinal)).ToArray();
            using var meter = new HttpClient { BaseAddress = address, DefaultRequestVersion = HttpVersion.Version20, DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact };

            await output.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"two processes on loopback, plain HTTP/2; medians of {runs} runs of {seconds.TotalSeconds:0} s, the sides in turn; CPU µs and bytes are per call or message"));
            await output.WriteLineAsync($"of the bytes, {ReceivedMessageBytes()} are each received message of {RpcRow.Small} B itself: what the generated code allocates to parse it");
            await output.WriteLineAsync($"{"row",-34} {"side",-12} {"per second",12} {"ratio",6} {"p50 µs",8} {"p99 µs",8} {"CPU srv",8} {"CPU cli",8} {"B srv",9} {"B cli",9}");
            foreach (var row in rows)
            {
                if (Array.FindAll(sides, side => side.Plays(row)) is { Length: > 0 } playing)
                    await MeasureAsync(row, playing, meter, seconds, runs, output);
            }
        }
        finally
        {
            server.StandardInput.Close();
            await server.WaitForExitAsync();
        }

        return 0;
    }

    private static long ReceivedMessageBytes()
    {
        const int Messages = 1_000;
        var bytes = new Payload { Body = ByteString.CopyFrom(new byte[RpcRow.Small]) }.ToByteArray();
        _ = Payload.Parser.ParseFrom(bytes);
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < Messages; i++)
            _ = Payload.Parser.ParseFrom(new ReadOnlySequence<byte>(bytes));
        return (GC.GetAllocatedBytesForCurrentThread() - before) / Messages;
    }

    private static async Task MeasureAsync(RpcRow row, ISide[] sides, HttpClient meter, TimeSpan seconds, int runs, TextWriter output)
    {
        var samples = sides.ToDictionary(side => side, _ => new List<RpcSample>());

        foreach (var side in sides)
            await WarmUpAsync(row, side, meter);
        for (var run = 0; run < runs; run++)
        {
            foreach (var side in sides)
                samples[side].Add(await SampleAsync(row, side, meter, seconds));
        }

        var floor = Median(samples[sides[^1]], s => s.PerSecond);
        foreach (var side in sides)
            await output.WriteLineAsync(Line(row, side, samples[side], floor));
    }

    // Until the hot methods are compiled for good: their last compilation, with what was learned of them, can take seconds to come.
    private static async Task WarmUpAsync(RpcRow row, ISide side, HttpClient meter)
    {
        for (var second = 0; second < WarmUpSecondsMax; second++)
        {
            var sample = await SampleAsync(row, side, meter, TimeSpan.FromSeconds(1));
            if (second > 0 && sample.Server.Compiling + sample.Client.Compiling < CompilingMax)
                return;
        }
    }

    private static async Task<RpcSample> SampleAsync(RpcRow row, ISide side, HttpClient meter, TimeSpan seconds)
    {
        var callers = Enumerable.Range(0, row.Callers).Select(_ => new Caller()).ToList();
        var server = ProcessCost.Parse(await meter.GetStringAsync(BenchServer.MeterPath));
        var client = ProcessCost.Now();
        var start = Stopwatch.GetTimestamp();
        using (var stop = new CancellationTokenSource(seconds))
            await Task.WhenAll(callers.Select(caller => Task.Run(() => side.CallAsync(row, caller, stop.Token))));

        var elapsed = Stopwatch.GetElapsedTime(start);
        client = ProcessCost.Now() - client;
        server = ProcessCost.Parse(await meter.GetStringAsync(BenchServer.MeterPath)) - server;
        var microseconds = callers[0].Microseconds;
        foreach (var caller in callers.Skip(1))
            microseconds.Add(caller.Microseconds);
        return new(callers.Sum(caller => caller.Messages), elapsed, server, client, microseconds);
    }

    private static string Line(RpcRow row, ISide side, List<RpcSample> samples, double floor) => string.Create(
        CultureInfo.InvariantCulture,
        $"{row.Name,-34} {side.Name,-12} {Median(samples, s => s.PerSecond),12:N0} {Median(samples, s => s.PerSecond) / floor,6:F2} {Latency(samples, 50),8} {Latency(samples, 99),8} {Median(samples, s => s.ServerCpu),8:F2} {Median(samples, s => s.ClientCpu),8:F2} {Median(samples, s => s.ServerBytes),9:N0} {Median(samples, s => s.ClientBytes),9:N0}");

    private static string Latency(List<RpcSample> samples, double percentile) => samples[0].Microseconds.TotalCount == 0
        ? "-"
        : Median(samples, s => s.Microseconds.GetValueAtPercentile(percentile)).ToString("N0", CultureInfo.InvariantCulture);

    private static double Median(IEnumerable<RpcSample> samples, Func<RpcSample, double> figure)
    {
        var sorted = samples.Select(figure).Order().ToList();
        return sorted[sorted.Count / 2];
    }

    private static Process StartServer()
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!)
        {
            ArgumentList = { "grpc-server" },
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };
        if (Path.GetFileNameWithoutExtension(start.FileName) == "dotnet")
            start.ArgumentList.Insert(0, typeof(RpcBenchmark).Assembly.Location);
        return Process.Start(start)!;
    }

    private static async Task<Uri> AddressAsync(Process server)
    {
        while (await server.StandardOutput.ReadLineAsync() is { } line)
        {
            if (line.StartsWith(BenchServer.Ready, StringComparison.Ordinal))
                return new(line[BenchServer.Ready.Length..]);
        }

        throw new InvalidOperationException("The server's process ended before it listened.");
    }
}
