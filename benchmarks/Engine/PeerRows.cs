using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;

namespace Benchmarks.Engine;

/// <summary>Kafka Streams' own figures, measured in the same run by the peer program beside this repository.</summary>
internal sealed partial class PeerRows
{
    private readonly Dictionary<string, (double PerSecond, double CpuMicroseconds)> _rows = [];

    /// <summary>Runs a peer's program and keeps what it tells, the best of its runs by row.</summary>
    /// <param name="program">What to run; null where there is no peer: then there are no rows.</param>
    /// <param name="limit">How long it may take; then it is killed, and the rows that it has told by then are all.</param>
    /// <param name="output">Told where it did not end by itself.</param>
    public async Task MeasureAsync(ProcessStartInfo? program, TimeSpan limit, TextWriter output)
    {
        if (program is null)
            return;

        program.RedirectStandardOutput = true;
        using var process = Process.Start(program)!;
        using var waiting = new CancellationTokenSource(limit);
        try
        {
            while (await process.StandardOutput.ReadLineAsync(waiting.Token) is { } line)
                Take(line);
            await process.WaitForExitAsync(waiting.Token);
            if (process.ExitCode != 0)
                await output.WriteLineAsync($"the peer ended with {process.ExitCode}; its rows are not complete");
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            await output.WriteLineAsync($"the peer was killed: it had not ended after {limit.TotalSeconds:F0} s; its rows are not complete");
        }
    }

    /// <summary>What stands above the columns of <see cref="Ratio"/>.</summary>
    public static string Heading { get; } = $"{"peer/s",9} {"ratio",6} {"peer CPU µs",12} {"ratio",6}";

    /// <summary>
    /// The peer's figures and how many times better ours are, by the clock and by CPU time: the second says more where other work shares the machine. Empty
    /// where the peer has no such row.
    /// </summary>
    public string Ratio(string row, Measurement ours) => _rows.TryGetValue(row, out var theirs)
        ? string.Create(
            CultureInfo.InvariantCulture,
            $"{theirs.PerSecond,9:N0} {ours.PerSecond / theirs.PerSecond,6:F1} {theirs.CpuMicroseconds,12:F2} {theirs.CpuMicroseconds / ours.CpuMicroseconds,6:F1}")
        : "";

    private void Take(string line)
    {
        if (Row().Match(line) is not { Success: true } row)
            return;

        // Rows of the driver are told apart by their keys as well.
        var name = row.Groups["keys"] is { Success: true } keys ? $"{row.Groups["name"].Value} keys={keys.Value}" : row.Groups["name"].Value;
        var perSecond = double.Parse(row.Groups["rate"].Value, CultureInfo.InvariantCulture);
        if (perSecond > _rows.GetValueOrDefault(name).PerSecond)
            _rows[name] = (perSecond, double.Parse(row.Groups["cpu"].Value, CultureInfo.InvariantCulture));
    }

    [GeneratedRegex(@"^bench (driver-)?(?<name>\S+) .*records_per_s=(?<rate>\d+) cpu_s_per_million=(?<cpu>[\d.]+)(.* keys=(?<keys>\d+) )?")]
    private static partial Regex Row();
}
