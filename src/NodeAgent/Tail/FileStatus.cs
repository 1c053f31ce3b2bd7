using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using NodeAgent.Queue;

namespace NodeAgent.Tail;

/// <summary>What the file system says of a file, links followed.</summary>
/// <param name="Identity">Device and inode; zero where the system does not say.</param>
/// <param name="Size">Bytes.</param>
/// <param name="Kind">What it is.</param>
internal readonly record struct FileStatus(FileIdentity Identity, long Size, FileKind Kind)
{
    /// <summary>The status of the file at <paramref name="path"/>; null where there is none.</summary>
    /// <exception cref="IOException">The system does not say.</exception>
    /// <exception cref="UnauthorizedAccessException">A folder on the way may not be searched.</exception>
    public static FileStatus? Of(string path)
    {
        if (OperatingSystem.IsLinux())
            return LinuxStatus.Read(path);

        var file = new FileInfo(path);
        return file.Exists ? new(default, file.Length, FileKind.Regular) : Directory.Exists(path) ? new(default, 0, FileKind.Directory) : null;
    }

    /// <summary>The status of an open file.</summary>
    public static FileStatus Of(SafeFileHandle file) =>
        OperatingSystem.IsLinux() ? LinuxStatus.Read(file) : new(default, RandomAccess.GetLength(file), FileKind.Regular);
}

/// <summary>What lies at a path.</summary>
internal enum FileKind
{
    /// <summary>A file that can be read at any place.</summary>
    Regular,

    /// <summary>A folder.</summary>
    Directory,

    /// <summary>A pipe, socket or device: opening it could block for ever.</summary>
    Other,
}

/// <summary>Linux's <c>statx</c>: its structure is the same on every architecture, unlike <c>stat</c>'s.</summary>
/// <remarks>Source: statx(2).</remarks>
internal static unsafe partial class LinuxStatus
{
    private const int WorkingDirectory = -100; // AT_FDCWD
    private const int EmptyPath = 0x1000;      // AT_EMPTY_PATH
    private const uint Basic = 0x7FF;          // STATX_BASIC_STATS
    private const int FormatMask = 0xF000;
    private const int FormatRegular = 0x8000;
    private const int FormatDirectory = 0x4000;
    private const int NotFound = 2;            // ENOENT
    private const int AccessDenied = 13;       // EACCES
    private const int NotADirectory = 20;      // ENOTDIR

    public static FileStatus? Read(string path)
    {
        if (StatX(WorkingDirectory, path, 0, Basic, out var status) == 0)
            return Status(status);

        return Marshal.GetLastPInvokeError() switch
        {
            NotFound or NotADirectory => null,
            AccessDenied => throw new UnauthorizedAccessException($"Access to '{path}' is denied."),
            var error => throw new IOException($"'{path}': {Marshal.GetPInvokeErrorMessage(error)}."),
        };
    }

    public static FileStatus Read(SafeFileHandle file)
    {
        var added = false;
        try
        {
            file.DangerousAddRef(ref added);
            return StatX((int)file.DangerousGetHandle(), "", EmptyPath, Basic, out var status) == 0
                ? Status(status)
                : throw new IOException($"An open file: {Marshal.GetPInvokeErrorMessage(Marshal.GetLastPInvokeError())}.");
        }
        finally
        {
            if (added)
                file.DangerousRelease();
        }
    }

    private static FileStatus Status(in StatXBuffer status) => new(
        new FileIdentity((ulong)status.DeviceMajor << 32 | status.DeviceMinor, status.Inode),
        (long)status.Size,
        (status.Mode & FormatMask) switch
        {
            FormatRegular => FileKind.Regular,
            FormatDirectory => FileKind.Directory,
            _ => FileKind.Other,
        });

    [LibraryImport("libc", EntryPoint = "statx", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int StatX(int directory, string path, int flags, uint mask, out StatXBuffer status);

    [StructLayout(LayoutKind.Explicit, Size = 256)]
    private struct StatXBuffer
    {
        [FieldOffset(28)]
        public ushort Mode;

        [FieldOffset(32)]
        public ulong Inode;

        [FieldOffset(40)]
        public ulong Size;

        [FieldOffset(136)]
        public uint DeviceMajor;

        [FieldOffset(140)]
        public uint DeviceMinor;
    }
}
