using Settings;

namespace Broker;

/// <summary>The broker's folder, held for one broker at a time by a lock that the system lets go of when the process dies.</summary>
internal sealed class DataFolder : IDisposable
{
    private const string LockFile = ".lock";

    private readonly FileStream _lock;

    private DataFolder(FileStream held) => _lock = held;

    /// <summary>Creates the folder where it is missing and takes its lock.</summary>
    /// <exception cref="SetupException">Another broker has it, or it cannot be written to.</exception>
    public static DataFolder Take(string path)
    {
        try
        {
            Directory.CreateDirectory(path);
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            throw Unusable(path, refused);
        }

        var lockPath = Path.Combine(path, LockFile);
        try
        {
            return new(new(lockPath, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None));
        }
        catch (UnauthorizedAccessException refused)
        {
            throw Unusable(path, refused);
        }
        catch (IOException held) when (File.Exists(lockPath))
        {
            throw new SetupException(
                $"The data folder {Path.GetFullPath(path)} is in use by another broker (it holds {LockFile}). Stop that one, or set another DataDirectory.", held);
        }
        catch (IOException refused)
        {
            throw Unusable(path, refused);
        }
    }

    public void Dispose() => _lock.Dispose();

    private static SetupException Unusable(string path, Exception refused) => new(
        $"The data folder {Path.GetFullPath(path)} cannot be used: {refused.Message} Make it writable, or set another DataDirectory.", refused);
}
