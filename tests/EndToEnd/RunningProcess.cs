using System.Globalization;

namespace EndToEnd;

/// <summary>A process as <c>/proc</c> shows it.</summary>
internal sealed record RunningProcess(int Id, string CommandLine)
{
    public static IEnumerable<RunningProcess> All()
    {
        foreach (var folder in Directory.EnumerateDirectories("/proc"))
        {
            if (!int.TryParse(Path.GetFileName(folder), NumberStyles.None, CultureInfo.InvariantCulture, out var id))
                continue;

            string commandLine;
            try
            {
                commandLine = File.ReadAllText(Path.Combine(folder, "cmdline")).Replace('\0', ' ');
            }
            catch (IOException)
            {
                // It has just ended.
                continue;
            }

            yield return new RunningProcess(id, commandLine);
        }
    }

    /// <summary>The sample service of the system in <paramref name="folder"/>; null where it does not run.</summary>
    public static RunningProcess? Service(string name, string folder) => All().FirstOrDefault(process =>
        process.CommandLine.Contains($" service {name} ", StringComparison.Ordinal)
        && process.CommandLine.Contains(folder, StringComparison.Ordinal));
}
