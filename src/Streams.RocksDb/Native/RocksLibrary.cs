using System.Reflection;
using System.Runtime.InteropServices;

namespace Streams.RocksDb.Native;

/// <summary>Finds the system's RocksDB, once per process.</summary>
/// <remarks>
/// Debian's and Ubuntu's file names carry major.minor, those of builds by CMake (Alpine) the major version alone. The library has no function
/// that tells its version: what it exports decides what it can do.
/// </remarks>
internal static class RocksLibrary
{
    /// <summary>What the declarations call the library; <see cref="Resolve"/> turns it into a file.</summary>
    public const string Name = "rocksdb";

    private static readonly Lazy<nint> _library = new(() => Load(FileNames()));

    static RocksLibrary() => NativeLibrary.SetDllImportResolver(typeof(RocksLibrary).Assembly, Resolve);

    /// <summary>Whether this system has the library.</summary>
    public static bool IsPresent
    {
        get
        {
            try
            {
                return _library.Value != 0;
            }
            catch (RocksDbMissingException)
            {
                return false;
            }
        }
    }

    /// <summary>Makes sure that the library is there before the first call into it.</summary>
    /// <exception cref="RocksDbMissingException">It is not.</exception>
    public static void Require() => _ = _library.Value;

    /// <summary>A function that only later versions have, or 0.</summary>
    public static nint FindLaterFunction(string name) => NativeLibrary.TryGetExport(_library.Value, name, out var address) ? address : 0;

    internal static nint Load(IReadOnlyList<string> names)
    {
        foreach (var name in names)
        {
            if (NativeLibrary.TryLoad(name, typeof(RocksLibrary).Assembly, DllImportSearchPath.SafeDirectories, out var library))
                return library;
        }

        throw new RocksDbMissingException(names);
    }

    private static string[] FileNames() =>
        OperatingSystem.IsWindows() ? ["rocksdb.dll"]
        : OperatingSystem.IsMacOS() ? ["librocksdb.dylib", "/opt/homebrew/lib/librocksdb.dylib", "/usr/local/lib/librocksdb.dylib"]
        :
        [
            "librocksdb.so.7.8", "librocksdb.so.8.9", "librocksdb.so.9.10",
            "librocksdb.so.10", "librocksdb.so.9", "librocksdb.so.8", "librocksdb.so.7", "librocksdb.so",
        ];

    private static nint Resolve(string library, Assembly assembly, DllImportSearchPath? path) => library == Name ? _library.Value : 0;
}
