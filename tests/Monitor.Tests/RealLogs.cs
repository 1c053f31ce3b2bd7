namespace Monitor.Tests;

/// <summary>Sample logs that lie beside some checkouts; tests that need them are skipped elsewhere.</summary>
internal static class RealLogs
{
    /// <summary>Every line of every sample, without its end; empty where there are none.</summary>
    public static List<string> Lines()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            var logs = Path.Combine(folder.FullName, "shared", "logs");
            if (Directory.Exists(logs))
                return [.. Directory.GetFiles(logs, "*.log").Order(StringComparer.Ordinal).SelectMany(File.ReadLines)];
        }

        return [];
    }
}
