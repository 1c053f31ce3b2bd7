using Settings;

namespace Cli.Up;

/// <summary>Keeps a data folder for one <c>up</c> at a time. The system lets go of it however the process ends.</summary>
internal sealed class DataFolderLock : IDisposable
{
    private readonly FileStream _file;

    private DataFolderLock(FileStream file) => _file = file;

    /// <exception cref="SetupException">Another process holds the folder.</exception>
    public static DataFolderLock Take(string data)
    {
        try
        {
            return new DataFolderLock(new FileStream(
                Path.Combine(data, "up.lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None));
        }
        catch (IOException e)
        {
            throw new SetupException(
                $"another 'streams up' is using the data folder {data}. Stop it first, or start this one with --data DIR --port-offset 100.", e);
        }
    }

    public void Dispose() => _file.Dispose();
}
