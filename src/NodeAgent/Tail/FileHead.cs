using System.Buffers.Binary;
using System.Security.Cryptography;
using Microsoft.Win32.SafeHandles;
using NodeAgent.Queue;

namespace NodeAgent.Tail;

/// <summary>A file's first bytes: what tells it from another that has its name, or its inode.</summary>
/// <remarks>Logs are only added to, so a head that changed means another content: truncated and written anew.</remarks>
internal sealed class FileHead
{
    /// <summary>Bytes that are compared; fewer while the file is shorter.</summary>
    public const int BytesMax = 1024;

    private readonly byte[] _bytes = new byte[BytesMax];
    private int _length;

    public ReadOnlySpan<byte> Bytes => _bytes.AsSpan(0, _length);

    public bool IsEmpty => _length == 0;

    public Fingerprint Fingerprint { get; private set; }

    public void Clear() => (_length, Fingerprint) = (0, default);

    /// <summary>Reads the head again. False where it is no longer the same; then nothing is changed here.</summary>
    public bool StillLeads(SafeFileHandle file)
    {
        Span<byte> now = stackalloc byte[BytesMax];
        now = now[..Read(file, now)];
        if (!now.StartsWith(Bytes))
            return false;
        if (now.Length > _length)
        {
            now.CopyTo(_bytes);
            _length = now.Length;
            Fingerprint = Of(now);
        }

        return true;
    }

    /// <summary>True where the file begins with the bytes that <paramref name="fingerprint"/> was taken from.</summary>
    public static bool Leads(SafeFileHandle file, Fingerprint fingerprint)
    {
        Span<byte> now = stackalloc byte[fingerprint.Length];
        return Read(file, now) == now.Length && Of(now) == fingerprint;
    }

    public static Fingerprint Of(ReadOnlySpan<byte> head)
    {
        if (head.IsEmpty)
            return default;
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(head, hash);
        return new(head.Length, BinaryPrimitives.ReadUInt64LittleEndian(hash), BinaryPrimitives.ReadUInt64LittleEndian(hash[8..]));
    }

    private static int Read(SafeFileHandle file, Span<byte> target)
    {
        var filled = 0;
        while (filled < target.Length && RandomAccess.Read(file, target[filled..], filled) is var read and > 0)
            filled += read;
        return filled;
    }
}
