namespace NodeAgent.Queue;

/// <summary>How far one file has been read, and what tells that file from others.</summary>
/// <param name="Id">The agent's own number for the file; survives a rename.</param>
/// <param name="Path">Where the file was last seen.</param>
/// <param name="Identity">Device and inode; inodes are used again after a deletion, hence the head.</param>
/// <param name="Head">Fingerprint of the file's first bytes.</param>
/// <param name="Position">Bytes from the file's start that are in the queue.</param>
/// <param name="MidLine">The last record is a line that had no line end yet.</param>
internal sealed record FileMark(uint Id, string Path, FileIdentity Identity, Fingerprint Head, long Position, bool MidLine)
{
    public void WriteTo(ByteBuffer buffer)
    {
        buffer.Varint(Id);
        buffer.Text(Path);
        buffer.UInt64(Identity.Device);
        buffer.UInt64(Identity.Inode);
        buffer.Varint((ulong)Head.Length);
        buffer.UInt64(Head.High);
        buffer.UInt64(Head.Low);
        buffer.Varint((ulong)Position);
        buffer.Byte(MidLine ? (byte)1 : (byte)0);
    }

    public static FileMark Read(ref ByteReader reader) => new(
        checked((uint)reader.Varint()),
        reader.Text(),
        new FileIdentity(reader.UInt64(), reader.UInt64()),
        new Fingerprint(checked((int)reader.Varint()), reader.UInt64(), reader.UInt64()),
        checked((long)reader.Varint()),
        reader.Byte() != 0);
}

/// <summary>What a file system knows a file by. Zero where the system does not say.</summary>
internal readonly record struct FileIdentity(ulong Device, ulong Inode);

/// <summary>Hash of a file's first <see cref="Length"/> bytes; none of them for an empty file.</summary>
internal readonly record struct Fingerprint(int Length, ulong High, ulong Low);
