using System.Globalization;
using System.Text;
using System.Text.Json;
using Broker.Log;
using Kafka.Protocol;
using Microsoft.Win32.SafeHandles;
using Settings;

namespace Broker.Topics;

/// <summary>Changes to the topics, one per line, each forced to disk before it counts.</summary>
/// <remarks>
/// A line is the CRC-32C of its JSON in eight hex digits, a blank and the JSON: <c>tail</c> and <c>grep</c> can read it at 3 a.m.
/// <see cref="Rewrite"/> replaces the file in one step. Not thread-safe; the catalog that owns it takes turns.
/// </remarks>
internal sealed class MetadataJournal : IDisposable
{
    private const int ChecksumChars = 8;

    private readonly string _path;
    private SafeFileHandle _file;
    private long _length;

    private MetadataJournal(string path, SafeFileHandle file, long length)
    {
        _path = path;
        _file = file;
        _length = length;
    }

    /// <summary>Bytes of the file.</summary>
    public long Length => _length;

    /// <summary>Opens or creates the journal and reads what it holds. A last line that was not finished is dropped: nobody was told of it.</summary>
    /// <exception cref="SetupException">A line in the middle is damaged.</exception>
    public static MetadataJournal Open(string path, out IReadOnlyList<MetadataChange> changes)
    {
        var bytes = File.Exists(path) ? File.ReadAllBytes(path) : [];
        var (read, good) = (new List<MetadataChange>(), 0);
        while (good < bytes.Length)
        {
            var end = Array.IndexOf(bytes, (byte)'\n', good);
            if (end < 0)
                break;
            if (Decode(bytes.AsSpan(good, end - good)) is not { } change)
            {
                if (end + 1 < bytes.Length)
                {
                    throw new SetupException(
                        $"{path} is damaged in line {read.Count + 1}, with good lines after it: something other than a crash has changed it. " +
                        "Restore the file, or move the data folder away to start empty.");
                }

                break;
            }

            read.Add(change);
            good = end + 1;
        }

        var file = File.OpenHandle(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.Read);
        if (good < bytes.Length)
            RandomAccess.SetLength(file, good);
        changes = read;
        return new(path, file, good);
    }

    /// <summary>Adds changes; when it returns they are on disk.</summary>
    public void Append(params ReadOnlySpan<MetadataChange> changes)
    {
        var lines = new MemoryStream();
        foreach (var change in changes)
            Encode(change, lines);
        RandomAccess.Write(_file, lines.GetBuffer().AsSpan(0, (int)lines.Length), _length);
        RandomAccess.FlushToDisk(_file);
        _length += lines.Length;
    }

    /// <summary>Replaces all that was written by <paramref name="changes"/>, in one step that a crash cannot halve.</summary>
    public void Rewrite(IEnumerable<MetadataChange> changes)
    {
        var lines = new MemoryStream();
        foreach (var change in changes)
            Encode(change, lines);
        var temporary = _path + ".tmp";
        var file = File.OpenHandle(temporary, FileMode.Create, FileAccess.ReadWrite, FileShare.Read | FileShare.Delete);
        RandomAccess.Write(file, lines.GetBuffer().AsSpan(0, (int)lines.Length), 0);
        RandomAccess.FlushToDisk(file);
        File.Move(temporary, _path, overwrite: true);
        DirectorySync.Flush(Path.GetDirectoryName(_path)!);
        _file.Dispose();
        (_file, _length) = (file, lines.Length);
    }

    public void Dispose() => _file.Dispose();

    private static void Encode(MetadataChange change, MemoryStream lines)
    {
        var json = JsonSerializer.SerializeToUtf8Bytes(change, MetadataJson.Default.MetadataChange);
        lines.Write(Encoding.ASCII.GetBytes(Crc32C.Compute(json).ToString("x8", CultureInfo.InvariantCulture)));
        lines.WriteByte((byte)' ');
        lines.Write(json);
        lines.WriteByte((byte)'\n');
    }

    private static MetadataChange? Decode(ReadOnlySpan<byte> line)
    {
        if (line.Length <= ChecksumChars
            || !uint.TryParse(line[..ChecksumChars], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var checksum)
            || Crc32C.Compute(line[(ChecksumChars + 1)..]) != checksum)
            return null;
        return JsonSerializer.Deserialize(line[(ChecksumChars + 1)..], MetadataJson.Default.MetadataChange);
    }
}
