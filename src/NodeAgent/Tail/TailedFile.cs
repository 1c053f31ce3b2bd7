using Microsoft.Win32.SafeHandles;
using NodeAgent.Queue;

namespace NodeAgent.Tail;

/// <summary>An open file that is followed.</summary>
internal sealed class TailedFile(uint id, string path, SafeFileHandle handle, FileIdentity identity, LineEncoder encoder) : IDisposable
{
    public uint Id { get; } = id;

    /// <summary>Where it was last seen.</summary>
    public string Path { get; set; } = path;

    public SafeFileHandle Handle { get; } = handle;

    public FileIdentity Identity { get; } = identity;

    public FileHead Head { get; } = new();

    public LineEncoder Encoder { get; } = encoder;

    /// <summary>Where the next line begins.</summary>
    public long Position { get; set; }

    /// <summary>The last record was a line without an end: what follows belongs to it.</summary>
    public bool MidLine { get; set; }

    /// <summary>No line end lies between <see cref="Position"/> and here.</summary>
    public long SearchedTo { get; set; }

    /// <summary>The size when it was last looked at, and since when it is that.</summary>
    public long Size { get; set; }

    /// <inheritdoc cref="Size"/>
    public long QuietSince { get; set; }

    /// <summary>No glob finds it any more: renamed or deleted. It is read to its end and let go.</summary>
    public bool IsGone { get; set; }

    /// <summary>The file that this one is a copy of, made by copytruncate: not read while the original goes on with the same head.</summary>
    public TailedFile? CopyOf { get; set; }

    /// <summary>What has been warned about already.</summary>
    public FileFaults Warned { get; set; }

    /// <summary>The look that last found it.</summary>
    public int Found { get; set; }

    public FileMark Mark => new(Id, Path, Identity, Head.Fingerprint, Position, MidLine);

    public void Dispose() => Handle.Dispose();
}

/// <summary>What can be wrong with a file or its lines; warned about once per file and cause.</summary>
[Flags]
internal enum FileFaults
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>A line is longer than a record may be.</summary>
    LongLine = 1,

    /// <summary>Bytes are no UTF-8.</summary>
    Encoding = 2,

    /// <summary>Reading fails.</summary>
    Unreadable = 4,
}
