using System.Runtime.InteropServices;
using System.Text;

namespace Streams.RocksDb.Native;

/// <summary>Turns RocksDB's error texts into exceptions that callers can tell apart.</summary>
internal static unsafe class RocksError
{
    /// <summary>Throws where <paramref name="error"/> is set, after freeing it.</summary>
    public static void ThrowIfSet(byte* error, string path, string doing)
    {
        if (error != null)
            throw ToException(Take(error), path, doing);
    }

    /// <summary>Copies the text and gives the memory back.</summary>
    public static string Take(byte* error)
    {
        var text = Encoding.UTF8.GetString(MemoryMarshal.CreateReadOnlySpanFromNullTerminated(error));
        DatabaseCalls.Free(error);
        return text;
    }

    internal static RocksDbException ToException(string text, string path, string doing)
    {
        // "IO error: lock hold by current process, …: /path/LOCK: No locks available" or
        // "IO error: While lock file: /path/LOCK: Resource temporarily unavailable".
        if (text.Contains("lock", StringComparison.OrdinalIgnoreCase) && text.Contains("/LOCK", StringComparison.Ordinal))
            return new StoreLockedException(path, text);

        // A file that the manifest names and that is gone is as lost as a damaged one.
        if (text.StartsWith("Corruption", StringComparison.Ordinal) || text.Contains("No such file or directory", StringComparison.Ordinal))
            return new StoreCorruptedException(path, FileIn(text, path), text);

        return new RocksDbException($"RocksDB failed while {doing} the state in {path}: {text}.", path);
    }

    // RocksDB names the file by its whole path, in the middle of a sentence: "… in /state/0_1/000012.sst offset 0 size 1234".
    private static string FileIn(string text, string path)
    {
        var at = text.IndexOf(path + '/', StringComparison.Ordinal);
        if (at < 0)
            return path;

        var end = at + path.Length + 1;
        while (end < text.Length && (char.IsAsciiLetterOrDigit(text[end]) || text[end] is '.' or '-' or '_' or '/'))
            end++;
        var file = text[at..end].TrimEnd('.');

        // A table that it does not find as .sst RocksDB looks for as .ldb, LevelDB's name, and complains about that.
        return file.EndsWith(".ldb", StringComparison.Ordinal) ? Path.ChangeExtension(file, ".sst") : file;
    }
}
