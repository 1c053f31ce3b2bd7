using TestKit;

namespace Streams.RocksDb.Tests;

/// <summary>A copy of a database's files while it is open: what the disk would hold after a crash.</summary>
internal static class CrashImage
{
    public static TempDirectory Of(string path)
    {
        var image = new TempDirectory();
        foreach (var file in Directory.EnumerateFiles(path))
            File.Copy(file, image.Combine(Path.GetFileName(file)));
        return image;
    }
}
