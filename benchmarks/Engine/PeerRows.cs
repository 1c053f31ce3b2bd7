using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;

namespace Benchmarks.Engine;

/// <summary>Kafka Streams' own figures, measured in the same run by the peer program beside this repository.</summary>
internal static partial class PeerRows
{
    /// <param name="program">The peer's script; empty to look beside the repository; "none" to measure without it.</param>
    /// <param name="names">The peer's benchmarks, separated by commas.</param>
    /// <param name="options">Its options.</param>
    /// <returns>Records per second by row, the best of its runs; empty where there is no peer.</returns>
    public static async Task<IReadOnlyDictionary<string, double>> MeasureAsync(string program, string names, IEnumerable<string> options)
    {
        var script = program.Length > 0 ? program : Find();
        if (script is null or "none")
            return new Dictionary<string, double>();

        var start = new ProcessStartInfo(script) { RedirectStandardOutput = true };
        foreach (var argument in (string[])["bench", names, .. options])
            start.ArgumentList.Add(argument);
        using var process = Process.Start(start)!;
        var rows = new Dictionary<string, double>();
        while (await process.StandardOutput.ReadLineAsync() is { } line)
        {
            if (Row().Match(line) is not { Success: true } row)
                continue;

            // Rows of the driver are told apart by their keys as well.
            var name = row.Groups["keys"] is { Success: true } keys ? $"{row.Groups["name"].Value} keys={keys.Value}" : row.Groups["name"].Value;
            var perSecond = double.Parse(row.Groups["rate"].Value, CultureInfo.InvariantCulture);
            rows[name] = Math.Max(rows.GetValueOrDefault(name), perSecond);
        }

        await process.WaitForExitAsync();
        return rows;
    }

    private static string? Find()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            var script = Path.Combine(folder.FullName, "shared", "kafka-streams", "streams-peer");
            if (File.Exists(script))
                return script;
        }

        return null;
    }

    [GeneratedRegex(@"^bench (driver-)?(?<name>\S+) .*records_per_s=(?<rate>\d+)(.* keys=(?<keys>\d+) )?")]
    private static partial Regex Row();
}
