using System.Runtime.InteropServices;

namespace Streams.RocksDb.Native;

/// <summary>How many files this process may have open.</summary>
internal static partial class OpenFileLimit
{
    private const int WhereUnknown = 1024;

    public static int Current()
    {
        if (OperatingSystem.IsWindows())
            return WhereUnknown * 8; // The C runtime's own limit for one process.

        var number = OperatingSystem.IsMacOS() ? 8 : 7;
        return GetLimit(number, out var limit) == 0 ? (int)Math.Min(limit.Soft, int.MaxValue) : WhereUnknown;
    }

    [LibraryImport("libc", EntryPoint = "getrlimit")]
    private static partial int GetLimit(int resource, out ResourceLimit limit);

    private struct ResourceLimit
    {
        public ulong Soft;
        public ulong Hard;
    }
}
