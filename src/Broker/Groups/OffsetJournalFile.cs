using System.Buffers.Binary;
using Kafka.Protocol;
using Microsoft.Win32.SafeHandles;

namespace Broker.Groups;

/// <summary>One journal file: eight bytes that name the format, then entries of length, CRC-32C and payload.</summary>
internal sealed class OffsetJournalFile : IDisposable
{
    /// <summary>The longest entry to believe in; a request cannot make a longer one.</summary>
    private const int EntryBytesMax = 256 << 20;

    private const int FrameBytes = 8;

    private readonly SafeFileHandle _handle;

    private OffsetJournalFile(string path, SafeFileHandle handle, long length)
    {
        Path = path;
        _handle = handle;
        Length = length;
    }

    public static ReadOnlySpan<byte> Signature => "kgoffs1\n"u8;

    public string Path { get; }

    /// <summary>Bytes that are known to be whole.</summary>
    public long Length { get; private set; }

    public static OffsetJournalFile Create(string path)
    {
        var handle = File.OpenHandle(path, FileMode.Create, FileAccess.ReadWrite, FileShare.Read);
        var file = new OffsetJournalFile(path, handle, 0);
        file.Append(Signature);
        return file;
    }

    /// <summary>Opens a file and plays every whole entry to <paramref name="play"/>; a torn tail is set aside and cut off.</summary>
    /// <returns>The file, and how many bytes were cut off.</returns>
    /// <exception cref="InvalidDataException">The file is not such a journal at all.</exception>
    public static (OffsetJournalFile File, long CutBytes) Recover(string path, Action<OffsetChange> play)
    {
        var handle = File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite, FileShare.Read);
        try
        {
            var bytes = RandomAccess.GetLength(handle);
            var whole = Play(handle, path, bytes, play);
            var file = new OffsetJournalFile(path, handle, whole);
            if (whole < bytes)
            {
                SetAside(handle, whole, bytes, path + ".cut");
                RandomAccess.SetLength(handle, whole);
                RandomAccess.FlushToDisk(handle);
            }

            return (file, bytes - whole);
        }
        catch (Exception)
        {
            handle.Dispose();
            throw;
        }
    }

    /// <summary>Appends bytes, all or (as far as readers will ever see) none of them.</summary>
    public void Append(ReadOnlySpan<byte> bytes)
    {
        RandomAccess.Write(_handle, bytes, Length);
        Length += bytes.Length;
    }

    /// <summary>Takes back what a failed <see cref="Append"/> may have left behind the last whole entry.</summary>
    public void CutToLength() => RandomAccess.SetLength(_handle, Length);

    public void Flush() => RandomAccess.FlushToDisk(_handle);

    public void Dispose() => _handle.Dispose();

    /// <summary>Writes one entry with its length and checksum.</summary>
    public static void Frame(ProtocolWriter scratch, OffsetChange change, MemoryStream to)
    {
        scratch.Reset();
        change.Write(scratch);
        var payload = scratch.ToArray();
        Span<byte> frame = stackalloc byte[FrameBytes];
        BinaryPrimitives.WriteInt32BigEndian(frame, payload.Length);
        BinaryPrimitives.WriteUInt32BigEndian(frame[4..], Crc32C.Compute(payload));
        to.Write(frame);
        to.Write(payload);
    }

    private static long Play(SafeFileHandle handle, string path, long bytes, Action<OffsetChange> play)
    {
        var reader = new ForwardReader(handle);
        Span<byte> frame = stackalloc byte[FrameBytes];
        if (!reader.TryRead(frame) || !frame.SequenceEqual(Signature))
            throw NotAJournal(path, "it does not start as one.");

        var whole = (long)FrameBytes;
        while (reader.TryRead(frame))
        {
            var length = BinaryPrimitives.ReadInt32BigEndian(frame);
            if (length <= 0 || length > EntryBytesMax || length > bytes - whole - FrameBytes)
                break;
            var payload = new byte[length];
            if (!reader.TryRead(payload) || Crc32C.Compute(payload) != BinaryPrimitives.ReadUInt32BigEndian(frame[4..]))
                break;
            play(Decode(path, payload));
            whole += FrameBytes + length;
        }

        return whole;
    }

    private static OffsetChange Decode(string path, byte[] payload)
    {
        try
        {
            return OffsetChange.Read(payload);
        }
        catch (ProtocolException unknown)
        {
            // The checksum fits, so this is no damage: somebody newer wrote it, and cutting it off would lose what it says.
            throw NotAJournal(path, unknown.Message);
        }
    }

    private static InvalidDataException NotAJournal(string path, string why) =>
        new($"{path} is not an offset journal that this version can read: {why} Move it away to start without committed offsets.");

    // A torn tail is normal after a crash. Should it ever be more, whoever looks into it finds the bytes.
    private static void SetAside(SafeFileHandle from, long offset, long end, string path)
    {
        using var to = File.Create(path);
        var buffer = new byte[64 * 1024];
        while (offset < end)
        {
            var read = RandomAccess.Read(from, buffer, offset);
            if (read == 0)
                break;
            to.Write(buffer, 0, read);
            offset += read;
        }
    }

    /// <summary>Reads a file from front to back.</summary>
    private sealed class ForwardReader(SafeFileHandle handle)
    {
        private readonly byte[] _buffer = new byte[64 * 1024];
        private long _offset;
        private int _from;
        private int _to;

        public bool TryRead(Span<byte> into)
        {
            while (!into.IsEmpty)
            {
                if (_from == _to)
                {
                    (_from, _to) = (0, RandomAccess.Read(handle, _buffer, _offset));
                    _offset += _to;
                    if (_to == 0)
                        return false;
                }

                var count = Math.Min(into.Length, _to - _from);
                _buffer.AsSpan(_from, count).CopyTo(into);
                _from += count;
                into = into[count..];
            }

            return true;
        }
    }
}
