namespace TestKit;

/// <summary>Programs that are no part of this repository and stand beside it on machines that have them, for tests to run against.</summary>
public static class SharedPrograms
{
    /// <summary>The path of one, by its folder and name; null where it is missing. <c>STREAMS_SHARED</c> names another place than <c>../shared</c>.</summary>
    public static string? Find(string folder, string name)
    {
        for (var above = new DirectoryInfo(AppContext.BaseDirectory); above is not null; above = above.Parent)
        {
            if (!File.Exists(Path.Combine(above.FullName, "Streams.sln")))
                continue;

            var place = Environment.GetEnvironmentVariable("STREAMS_SHARED") ?? Path.Combine(above.FullName, "..", "shared");
            var path = Path.GetFullPath(Path.Combine(place, folder, name));
            return File.Exists(path) ? path : null;
        }

        return null;
    }
}
