namespace Gateway.Tests.Forwarding;

/// <summary>Files beside the tests: the repository's, and the neighbours that are on some machines only.</summary>
internal static class RepositoryFiles
{
    private static readonly string Root = FindRoot();

    public static string Path(params string[] parts) => System.IO.Path.Combine([Root, .. parts]);

    private static string FindRoot()
    {
        for (var folder = AppContext.BaseDirectory; folder is not null; folder = System.IO.Path.GetDirectoryName(folder))
        {
            if (File.Exists(System.IO.Path.Combine(folder, "Streams.sln")))
                return folder;
        }

        throw new InvalidOperationException("The tests do not lie in the repository.");
    }
}
