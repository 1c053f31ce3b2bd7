namespace Streams.RocksDb.Tests.Conformance;

/// <summary>The engine's recorded scenarios, and the oracle's where they lie beside the repository.</summary>
internal static class RecordedScenarios
{
    private static readonly Dictionary<string, string> _files = Find();

    public static IEnumerable<string> Names => _files.Keys.Order(StringComparer.Ordinal);

    public static IReadOnlyList<string> Read(string name) => File.ReadAllLines(_files[name]);

    private static Dictionary<string, string> Find()
    {
        var files = new Dictionary<string, string>();
        var shared = Environment.GetEnvironmentVariable("STREAMS_SHARED") ?? Path.Combine(Root, "..", "shared");
        string[] folders = [Path.Combine(AppContext.BaseDirectory, "Conformance", "Scenarios"), Path.Combine(shared, "kafka-streams", "scenarios")];
        foreach (var folder in folders.Where(Directory.Exists))
        {
            foreach (var file in Directory.GetFiles(folder, "*.in"))
                files.TryAdd(Path.GetFileNameWithoutExtension(file), file);
        }

        return files;
    }

    private static string Root
    {
        get
        {
            var folder = new DirectoryInfo(AppContext.BaseDirectory);
            while (folder.Parent is { } parent && !File.Exists(Path.Combine(folder.FullName, "Streams.sln")))
                folder = parent;
            return folder.FullName;
        }
    }
}
