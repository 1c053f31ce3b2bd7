using System.Globalization;
using System.Text;
using Streams.Contracts.V1;

namespace EndToEnd;

/// <summary>Files of log lines, and whether the system has each of their lines exactly once.</summary>
internal static class LogFiles
{
    private static readonly string[] _levels = ["DEBUG", "INFO", "INFO", "INFO", "INFO", "WARN", "ERROR", "FATAL"];

    /// <summary>Appends lines with levels and unlike texts; returns the last one.</summary>
    public static string Append(string file, int from, int count)
    {
        var text = new StringBuilder();
        var line = "";
        for (var i = from; i < from + count; i++)
        {
            var level = _levels[i * 7 % _levels.Length];
            line = string.Create(CultureInfo.InvariantCulture, $"2026-01-31T12:00:{i / 1000 % 60:00}.{i % 1000:000}Z {level} [worker-{i % 5}] Request {i} of {Path.GetFileName(file)} took {i * 31 % 977} ms");
            text.Append(line).Append('\n');
        }

        File.AppendAllText(file, text.ToString());
        return line;
    }

    /// <summary>Every line of every file is stored exactly once, as of that file, and nothing else is.</summary>
    public static void AreStoredExactlyOnce(IEnumerable<string> files, IEnumerable<StoredLog> stored)
    {
        var records = stored.ToArray();
        Assert.Equal(records.Length, records.Select(record => record.Id).Distinct().Count());
        foreach (var file in files)
        {
            var expected = Lines(file).CountBy(line => line).ToDictionary();
            var actual = records.Where(log => log.Record.Source == file).CountBy(log => log.Record.Message).ToDictionary();
            var missing = expected.Sum(line => Math.Max(0, line.Value - actual.GetValueOrDefault(line.Key)));
            var extra = actual.Sum(line => Math.Max(0, line.Value - expected.GetValueOrDefault(line.Key)));
            Assert.True((missing, extra) == (0, 0), $"{file}: {missing} lines are missing, {extra} are too many.");
        }
    }

    /// <summary>A file's lines as an agent ships them: without line ends, whatever they are.</summary>
    public static IEnumerable<string> Lines(string file) => File.ReadLines(file).Select(line => line.TrimEnd('\r'));
}
