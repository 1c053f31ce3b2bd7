namespace NodeAgent.Tests;

/// <summary>Real logs, beside the repository; tests that need them are skipped where they are not there.</summary>
internal static class SampleLogs
{
    public static string Path(string name)
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(System.IO.Path.Combine(folder.FullName, "Streams.sln")))
            folder = folder.Parent;
        var path = Candidates(folder).Select(root => System.IO.Path.Combine(root, "shared", "logs", name)).FirstOrDefault(File.Exists);
        Skip.If(path is null, "The sample logs are not here.");
        return path!;
    }

    private static IEnumerable<string> Candidates(DirectoryInfo? folder)
    {
        for (folder = folder?.Parent; folder is not null; folder = folder.Parent)
            yield return folder.FullName;
    }
}
