using System.Diagnostics;
using System.Globalization;
using HdrHistogram;

namespace Benchmarks;

/// <summary>Time from appending a line to a file until <c>streams tail</c> prints it, through a whole <c>streams up</c>.</summary>
/// <remarks>
/// Lines are appended on a schedule, whether or not earlier ones have been seen: a stall counts against every line it delays.
/// The schedule is jittered (seed printed) so that it does not march in step with a poll somewhere.
/// </remarks>
internal static class TailLatency
{
    private const int WarmUpLines = 100;
    private const int Lines = 1_000;
    private const int Seed = 20260131;
    private static readonly TimeSpan _meanGap = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(60);

    public static async Task<int> RunAsync(TextWriter output)
    {
        var folder = Directory.CreateTempSubdirectory("tail-latency-").FullName;
        var file = Path.Combine(folder, "app.log");
        await File.WriteAllTextAsync(file, "");
        var offset = Random.Shared.Next(1_000, 20_000);
        using var up = Start("up", "--no-samples", "--data", Path.Combine(folder, "data"), "--port-offset", $"{offset}", "--tail", file);
        try
        {
            await WaitForAsync(up, line => line.StartsWith("ready:", StringComparison.Ordinal));
            using var tail = Start("tail", "--monitor", $"http://127.0.0.1:{7071 + offset}");
            try
            {
                await MeasureAsync(tail, file, output);
            }
            finally
            {
                tail.Kill();
            }

            return 0;
        }
        finally
        {
            up.Kill();
            await up.WaitForExitAsync();
            Directory.Delete(folder, recursive: true);
        }
    }

    private static async Task MeasureAsync(Process tail, string file, TextWriter output)
    {
        var appended = new long[WarmUpLines + Lines];
        var histogram = new LongHistogram(TimeSpan.TicksPerMinute, 3);
        var seen = ReadAsync(tail, appended, histogram);
        await using var log = new FileStream(file, FileMode.Append, FileAccess.Write, FileShare.ReadWrite, bufferSize: 0);
        await KnockAsync(log, seen);

        var random = new Random(Seed);
        var start = Stopwatch.GetTimestamp();
        var due = TimeSpan.Zero;
        for (var i = 0; i < appended.Length; i++)
        {
            due += _meanGap * 2 * random.NextDouble();
            if (due - Stopwatch.GetElapsedTime(start) is { Ticks: > 0 } wait)
                await Task.Delay(wait);
            Volatile.Write(ref appended[i], Stopwatch.GetTimestamp());
            log.Write(System.Text.Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"INFO probe={i}\n")));
        }

        await seen.Done.WaitAsync(_patience);
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"""
            tail latency over {histogram.TotalCount} lines, one each {_meanGap.TotalMilliseconds:0} ms on average (seed {Seed}):
              p50 {Milliseconds(histogram, 50):0.0} ms   p90 {Milliseconds(histogram, 90):0.0} ms   p99 {Milliseconds(histogram, 99):0.0} ms   max {Milliseconds(histogram, 100):0.0} ms
            """));
    }

    // Nothing tells when the tail is listening, so knock until it answers.
    private static async Task KnockAsync(FileStream log, Sightings seen)
    {
        var start = Stopwatch.GetTimestamp();
        while (!seen.Any.IsCompleted)
        {
            if (Stopwatch.GetElapsedTime(start) > _patience)
                throw new TimeoutException("The tail showed nothing.");
            log.Write("INFO knock\n"u8);
            await Task.WhenAny(seen.Any, Task.Delay(_meanGap));
        }
    }

    private static Sightings ReadAsync(Process tail, long[] appended, LongHistogram histogram)
    {
        var any = new TaskCompletionSource();
        var done = Task.Run(async () =>
        {
            for (var left = appended.Length; left > 0;)
            {
                var line = await tail.StandardOutput.ReadLineAsync() ?? throw new InvalidOperationException("The tail ended.");
                var now = Stopwatch.GetTimestamp();
                any.TrySetResult();
                var probe = line.IndexOf("probe=", StringComparison.Ordinal);
                if (probe < 0)
                    continue;

                left--;
                var i = int.Parse(line.AsSpan(probe + "probe=".Length), CultureInfo.InvariantCulture);
                if (i >= WarmUpLines)
                    histogram.RecordValue(Stopwatch.GetElapsedTime(Volatile.Read(ref appended[i]), now).Ticks);
            }
        });
        return new Sightings(any.Task, done);
    }

    private static double Milliseconds(LongHistogram histogram, double percentile) =>
        (double)histogram.GetValueAtPercentile(percentile) / TimeSpan.TicksPerMillisecond;

    private static Process Start(params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet", [typeof(Cli.CommandLine).Assembly.Location, .. arguments]) { RedirectStandardOutput = true };
        return Process.Start(start)!;
    }

    private static async Task WaitForAsync(Process process, Func<string, bool> isIt)
    {
        using var limit = new CancellationTokenSource(_patience);
        while (await process.StandardOutput.ReadLineAsync(limit.Token) is { } line)
        {
            if (isIt(line))
                return;
        }

        throw new InvalidOperationException("The system ended before it was ready.");
    }

    /// <summary>What the tail has shown: anything at all, and every probe.</summary>
    private sealed record Sightings(Task Any, Task Done);
}
