using System.Globalization;
using Settings;

namespace NodeAgent.Queue;

/// <summary>One agent owns a queue folder at a time: two would give the same numbers to different records.</summary>
internal static class QueueOwner
{
    /// <summary>Creates the folder where missing and locks it until the returned stream is disposed or the process ends.</summary>
    /// <exception cref="SetupException">The folder cannot be written, or another agent has it.</exception>
    public static FileStream Take(string directory)
    {
        var full = Path.GetFullPath(directory);
        try
        {
            Directory.CreateDirectory(full);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw Unusable(full, error);
        }

        var path = Path.Combine(full, "lock");
        try
        {
            var owner = new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, bufferSize: 1);
            owner.SetLength(0);
            owner.Write(System.Text.Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{Environment.ProcessId}\n")));
            owner.Flush();
            return owner;
        }
        catch (UnauthorizedAccessException error)
        {
            throw Unusable(full, error);
        }
        catch (IOException error) when (File.Exists(path))
        {
            throw new SetupException(
                $"The agent's data folder '{full}' is in use by another agent. Stop that one, or give this one a folder of its own.", error);
        }
        catch (IOException error)
        {
            throw Unusable(full, error);
        }
    }

    private static SetupException Unusable(string directory, Exception error) => new(
        $"The agent's data folder '{directory}' cannot be written: {error.Message} Give it write rights there, or another folder.", error);
}
