using System.Buffers.Binary;
using Microsoft.Win32.SafeHandles;

namespace NodeAgent.Queue;

/// <summary>What lies at a place in a segment.</summary>
internal enum EntryRead
{
    /// <summary>A whole entry.</summary>
    Whole,

    /// <summary>The end.</summary>
    End,

    /// <summary>The beginning of an entry that was never finished: what a kill or a power cut leaves at the end.</summary>
    Torn,

    /// <summary>Bytes that are no entry, with more behind them.</summary>
    Damaged,
}

/// <summary>Reads a segment's entries in order, believing none before its checksum is right.</summary>
internal sealed class SegmentCursor : IDisposable
{
    private readonly SafeFileHandle _file;
    private byte[] _payload = new byte[4096];
    private int _length;

    public SegmentCursor(string path)
    {
        _file = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        Span<byte> header = stackalloc byte[SegmentHeader.Bytes];
        HasHeader = SegmentHeader.TryRead(header[..Fill(header, 0)], out var read);
        Header = read;
        Offset = SegmentHeader.Bytes;
    }

    public bool HasHeader { get; }

    public SegmentHeader Header { get; }

    /// <summary>Where the next entry is read.</summary>
    public long Offset { get; private set; }

    public ReadOnlySpan<byte> Payload => _payload.AsSpan(0, _length);

    public long FileLength => RandomAccess.GetLength(_file);

    /// <summary>Reads the next entry within the first <paramref name="limit"/> bytes.</summary>
    public EntryRead Next(long limit)
    {
        var available = limit - Offset;
        if (available <= 0)
            return EntryRead.End;
        if (available < EntryFrame.PrefixBytes + EntryFrame.HeaderBytes)
            return EntryRead.Torn;

        Span<byte> prefix = stackalloc byte[EntryFrame.PrefixBytes];
        if (Fill(prefix, Offset) < prefix.Length)
            return EntryRead.Torn;
        var size = BinaryPrimitives.ReadUInt32LittleEndian(prefix);
        if (size > available - EntryFrame.PrefixBytes)
            return size > EntryFrame.PayloadBytesMax && !OnlyZeros(limit) ? EntryRead.Damaged : EntryRead.Torn;
        if (size < EntryFrame.HeaderBytes)
            return OnlyZeros(limit) ? EntryRead.Torn : EntryRead.Damaged;

        if (_payload.Length < size)
            _payload = new byte[size];
        _length = (int)size;
        if (Fill(_payload.AsSpan(0, _length), Offset + EntryFrame.PrefixBytes) < _length)
            return EntryRead.Torn;
        if (BinaryPrimitives.ReadUInt32LittleEndian(prefix[4..]) != Crc32C.Of(Payload))
            return Offset + EntryFrame.PrefixBytes + size == limit || OnlyZeros(limit) ? EntryRead.Torn : EntryRead.Damaged;

        Offset += EntryFrame.PrefixBytes + size;
        return EntryRead.Whole;
    }

    public void Dispose() => _file.Dispose();

    private int Fill(Span<byte> target, long at)
    {
        var filled = 0;
        while (filled < target.Length)
        {
            var read = RandomAccess.Read(_file, target[filled..], at + filled);
            if (read == 0)
                break;
            filled += read;
        }

        return filled;
    }

    // A power cut can leave a file longer than what reached the disk; the rest reads as zeros.
    private bool OnlyZeros(long limit)
    {
        Span<byte> window = stackalloc byte[4096];
        for (var at = Offset; at < limit; at += window.Length)
        {
            var read = Fill(window[..(int)Math.Min(window.Length, limit - at)], at);
            if (window[..read].ContainsAnyExcept((byte)0))
                return false;
        }

        return true;
    }
}
