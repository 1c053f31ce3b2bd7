using Microsoft.Extensions.Logging;
using NodeAgent.Queue;

namespace NodeAgent.Tail;

/// <summary>What came of reading a file once.</summary>
internal enum Turn
{
    /// <summary>Nothing is there to be read now.</summary>
    Idle,

    /// <summary>There may be more.</summary>
    More,

    /// <summary>The file is no longer the one it was: its content was cut off or replaced. Nothing was read.</summary>
    Replaced,
}

/// <summary>Reads files a chunk at a time, splits the chunk into lines and puts these into the queue with the file's new position.</summary>
/// <remarks>
/// One buffer serves all files: of a file only its position is kept, and a line that is not finished is read again with its end.
/// Memory does not depend on the number of files nor on the length of lines.
/// </remarks>
internal sealed partial class FileReader
{
    /// <summary>Bytes searched for a long line's end before other files have their turn.</summary>
    private const int SearchBytes = 4 << 20;

    /// <summary>Bytes without a line end after which a line is cut without waiting for its end.</summary>
    private const long EndlessBytes = 64L << 20;

    private readonly DiskQueue _queue;
    private readonly ReadOptions _options;
    private readonly TimeProvider _time;
    private readonly AgentMetrics _metrics;
    private readonly ILogger _logger;
    private readonly byte[] _buffer;
    private readonly byte[] _search = new byte[64 << 10];

    public FileReader(DiskQueue queue, ReadOptions options, TimeProvider time, AgentMetrics metrics, ILogger logger)
    {
        _queue = queue;
        _options = options;
        _time = time;
        _metrics = metrics;
        _logger = logger;
        _buffer = new byte[Math.Max(options.RecordBytesMax + (64 << 10), 256 << 10)];
    }

    /// <summary>Time until the last line of <paramref name="file"/> is shipped without an end; null where it has one.</summary>
    public TimeSpan? PartialDue(TailedFile file) =>
        file.CopyOf is null && file.Position < file.Size && !file.Warned.HasFlag(FileFaults.Unreadable)
            ? _options.PartialLineTimeout - _time.GetElapsedTime(file.QuietSince)
            : null;

    /// <summary>
    /// 1. Looks at the size: nothing new, or less than was read.
    /// 2. Reads a chunk; where it holds no line end at all, looks for one further on.
    /// 3. Compares the head, <em>after</em> reading: bytes count only if the file was still the same then.
    /// 4. Queues lines and position in one entry.
    /// </summary>
    /// <exception cref="IOException">The file cannot be read, or the queue cannot be written.</exception>
    public Turn Read(TailedFile file)
    {
        var size = RandomAccess.GetLength(file.Handle);
        if (size != file.Size)
            (file.Size, file.QuietSince) = (size, _time.GetTimestamp());
        if (size < file.Position)
            return Turn.Replaced;
        var isQuiet = _time.GetElapsedTime(file.QuietSince) >= _options.PartialLineTimeout;
        if (size == file.Position || size == file.SearchedTo && !isQuiet)
            return Turn.Idle;

        var chunk = _buffer.AsSpan(0, Fill(file, _buffer, file.Position));
        var hasEnd = chunk.Contains((byte)'\n');
        var isLong = !hasEnd && chunk.Length > _options.RecordBytesMax;
        var lineEnd = isLong ? SearchEnd(file, file.Position + chunk.Length) : null;

        if (!file.Head.StillLeads(file.Handle))
            return Turn.Replaced;

        if (isLong)
            return Long(file, chunk, lineEnd, isQuiet);
        if (!hasEnd && !isQuiet)
        {
            file.SearchedTo = file.Position + chunk.Length;
            return Turn.Idle;
        }

        return Lines(file, chunk, isQuiet && file.Position + chunk.Length >= size);
    }

    private Turn Lines(TailedFile file, ReadOnlySpan<byte> chunk, bool takeRest)
    {
        var now = _time.GetUtcNow();
        var midLine = file.MidLine;
        var taken = midLine ? LineEndBytes(chunk) : 0;
        midLine &= taken == 0;

        using var entry = _queue.Begin();
        int length;
        while (entry.Length < _queue.EntryBytesMax && (length = chunk[taken..].IndexOf((byte)'\n')) >= 0)
        {
            var line = chunk.Slice(taken, length);
            if (line is [.., (byte)'\r'])
                line = line[..^1];
            Add(entry, file, line, line.Length, midLine, now);
            taken += length + 1;
            midLine = false;
        }

        if (takeRest && taken < chunk.Length && !chunk[taken..].Contains((byte)'\n'))
        {
            var rest = chunk[taken..];
            if (rest is [.., (byte)'\r'])
                rest = rest[..^1];
            if (!rest.IsEmpty || !midLine)
                Add(entry, file, rest, rest.Length, midLine, now);
            taken = chunk.Length;
            midLine = true;
        }

        return taken == 0 ? Turn.Idle : Commit(entry, file, file.Position + taken, midLine, taken);
    }

    private Turn Long(TailedFile file, ReadOnlySpan<byte> chunk, long? end, bool isQuiet)
    {
        var isEndless = file.SearchedTo - file.Position >= EndlessBytes;
        if (end is null && !isEndless && !(isQuiet && file.SearchedTo >= file.Size))
            return file.SearchedTo < file.Size ? Turn.More : Turn.Idle;

        var bytes = (end ?? file.SearchedTo) - file.Position;
        using var entry = _queue.Begin();
        Add(entry, file, chunk, end is not null && EndsInReturn(file, end.Value) ? bytes - 1 : bytes, file.MidLine, _time.GetUtcNow());
        return Commit(entry, file, end + 1 ?? file.SearchedTo, midLine: end is null, bytes);
    }

    private Turn Commit(QueueEntry entry, TailedFile file, long position, bool midLine, long bytes)
    {
        var records = entry.Count;
        entry.Move(file.Mark with { Position = position, MidLine = midLine });
        entry.Commit();
        _metrics.Read(records, bytes);
        (file.Position, file.MidLine, file.SearchedTo) = (position, midLine, position);
        file.Warned &= ~FileFaults.Unreadable;
        return Turn.More;
    }

    private void Add(QueueEntry entry, TailedFile file, ReadOnlySpan<byte> line, long bytes, bool isContinued, DateTimeOffset now)
    {
        entry.Add(file.Encoder.Encode(line, bytes, isContinued, now, _time.LocalTimeZone, out var faults));
        if (faults is FileFaults.None)
            return;

        if (faults.HasFlag(FileFaults.LongLine))
            _metrics.Fault("long_line");
        if (faults.HasFlag(FileFaults.Encoding))
            _metrics.Fault("invalid_utf8");
        var news = faults & ~file.Warned;
        file.Warned |= faults;
        if (news.HasFlag(FileFaults.LongLine))
            LongLine(file.Path, bytes, _options.RecordBytesMax);
        if (news.HasFlag(FileFaults.Encoding))
            NotUtf8(file.Path);
    }

    private long? SearchEnd(TailedFile file, long from)
    {
        var at = Math.Max(from, file.SearchedTo);
        for (var searched = 0; searched < SearchBytes;)
        {
            var read = RandomAccess.Read(file.Handle, _search, at);
            if (read == 0)
                break;
            var found = _search.AsSpan(0, read).IndexOf((byte)'\n');
            if (found >= 0)
            {
                file.SearchedTo = at;
                return at + found;
            }

            at += read;
            searched += read;
        }

        file.SearchedTo = at;
        return null;
    }

    private static bool EndsInReturn(TailedFile file, long end)
    {
        Span<byte> last = stackalloc byte[1];
        return RandomAccess.Read(file.Handle, last, end - 1) == 1 && last[0] == '\r';
    }

    private static int Fill(TailedFile file, Span<byte> target, long at)
    {
        var filled = 0;
        while (filled < target.Length && RandomAccess.Read(file.Handle, target[filled..], at + filled) is var read and > 0)
            filled += read;
        return filled;
    }

    private static int LineEndBytes(ReadOnlySpan<byte> chunk) => chunk switch
    {
        [(byte)'\n', ..] => 1,
        [(byte)'\r', (byte)'\n', ..] => 2,
        _ => 0,
    };

    [LoggerMessage(11, LogLevel.Warning, "A line of {Path} has {Bytes} bytes: lines over {BytesMax} are cut there and marked log.truncated. Further ones in this file are only counted.")]
    private partial void LongLine(string path, long bytes, int bytesMax);

    [LoggerMessage(12, LogLevel.Warning, "A line of {Path} is not UTF-8: such bytes become U+FFFD and the line is marked log.invalid_utf8. Further ones in this file are only counted.")]
    private partial void NotUtf8(string path);
}
