using System.Buffers;
using System.Globalization;
using Kafka.Protocol;
using Microsoft.Win32.SafeHandles;

namespace Broker.Log;

/// <summary>One file of a partition's log: batches back to back from a base offset on. One writer, any readers, no lock between them.</summary>
/// <remarks>
/// A reader sees <see cref="Length"/> bytes. The writer moves it last, after the bytes, the index and the offsets, so that what a
/// reader sees is whole.
/// </remarks>
internal sealed class LogSegment : IDisposable
{
    public const string LogSuffix = ".log";
    public const string IndexSuffix = ".index";

    private readonly SafeFileHandle _file;
    private volatile ISegmentIndex _index;
    private volatile int _length;
    private long _nextOffset;
    private long _maxTimestamp;
    private int _flushedLength;

    private LogSegment(
        string path, long baseOffset, SafeFileHandle file, ISegmentIndex index, int length, int flushedLength, long nextOffset, long maxTimestamp)
    {
        Path = path;
        BaseOffset = baseOffset;
        _file = file;
        _index = index;
        _length = length;
        _flushedLength = flushedLength;
        _nextOffset = nextOffset;
        _maxTimestamp = maxTimestamp;
    }

    public string Path { get; }

    /// <summary>The offset the segment is named after; all of its records are at or after it.</summary>
    public long BaseOffset { get; }

    /// <summary>Bytes of whole batches.</summary>
    public int Length => _length;

    /// <summary>The offset after the segment's last record.</summary>
    public long NextOffset => Volatile.Read(ref _nextOffset);

    /// <summary>The largest timestamp, in milliseconds since 1970; <see cref="long.MinValue"/> while empty.</summary>
    public long MaxTimestamp => Volatile.Read(ref _maxTimestamp);

    /// <summary>When the segment was begun, for its age; of a segment found on disk, when its first batch says.</summary>
    public DateTimeOffset BegunAt { get; private set; }

    public bool IsSealed => _index is SealedIndex;

    public bool HasUnflushed => _flushedLength < _length;

    public static string FileName(long offset, string suffix) => offset.ToString("D20", CultureInfo.InvariantCulture) + suffix;

    public static LogSegment Create(string directory, long baseOffset, DateTimeOffset now)
    {
        var path = System.IO.Path.Combine(directory, FileName(baseOffset, LogSuffix));
        return new(path, baseOffset, OpenFile(path, FileMode.CreateNew), new GrowingIndex(), 0, 0, baseOffset, long.MinValue) { BegunAt = now };
    }

    /// <summary>Opens a segment that its index vouches for; null where the index does not.</summary>
    public static LogSegment? TryOpenSealed(string path, long baseOffset, DateTimeOffset now)
    {
        var length = new FileInfo(path).Length;
        if (SealedIndex.TryOpen(IndexPath(path), baseOffset, length) is not { } index)
            return null;
        var segment = new LogSegment(
            path, baseOffset, OpenFile(path, FileMode.Open), index, index.LogLength, index.LogLength, index.NextOffset, index.MaxTimestamp);
        segment.BegunAt = segment.FirstBatchTime(now);
        return segment;
    }

    /// <summary>
    /// Opens a segment nothing vouches for: walks its batches, checks each, and cuts the file after the last good one.
    /// <paramref name="cut"/> is why and how much.
    /// </summary>
    public static LogSegment Recover(string path, long baseOffset, DateTimeOffset now, out SegmentCut? cut)
    {
        var file = OpenFile(path, FileMode.Open);
        var fileLength = RandomAccess.GetLength(file);
        var until = (int)Math.Min(fileLength, int.MaxValue);
        var index = new GrowingIndex();
        var (nextOffset, maxTimestamp) = (baseOffset, long.MinValue);
        cut = null;

        using (var walker = new BatchWalker(file, 0, until, whole: true))
        {
            while (walker.MoveNext())
            {
                var header = walker.Header;
                if (header.BaseOffset < nextOffset || header.LastOffset - baseOffset > int.MaxValue)
                {
                    cut = new(path, walker.Position, fileLength - walker.Position, $"a batch at offset {header.BaseOffset} where {nextOffset} was due");
                    break;
                }

                index.Note((int)(header.BaseOffset - baseOffset), walker.Position, maxTimestamp);
                nextOffset = header.NextOffset;
                maxTimestamp = Math.Max(maxTimestamp, header.MaxTimestamp);
            }

            if (cut is null && walker.Position < fileLength)
                cut = new(path, walker.Position, fileLength - walker.Position, walker.Status.ToString());
            if (cut is not null)
                RandomAccess.SetLength(file, walker.Position);
            var segment = new LogSegment(path, baseOffset, file, index, walker.Position, 0, nextOffset, maxTimestamp);
            segment.BegunAt = segment.FirstBatchTime(now);
            return segment;
        }
    }

    /// <summary>Makes a segment found on disk the one that is written to.</summary>
    public void Unseal()
    {
        if (_index is SealedIndex index)
        {
            _index = new GrowingIndex(index.ToArray());
            index.Dispose();
        }
    }

    /// <summary>Writes a placed batch at the end. A failed write leaves the segment as it was.</summary>
    public void Append(ReadOnlySpan<byte> batch, in RecordBatchHeader header)
    {
        var position = _length;
        try
        {
            RandomAccess.Write(_file, batch, position);
        }
        catch (IOException)
        {
            // Whatever part did arrive is beyond Length and will be written over; shortening the file only keeps it tidy.
            RandomAccess.SetLength(_file, position);
            throw;
        }

        ((GrowingIndex)_index).Note((int)(header.BaseOffset - BaseOffset), position, _maxTimestamp);
        Volatile.Write(ref _maxTimestamp, Math.Max(_maxTimestamp, header.MaxTimestamp));
        Volatile.Write(ref _nextOffset, header.NextOffset);
        _length = position + batch.Length;
    }

    /// <summary>Whole batches from the one that holds <paramref name="offset"/> (or follows it) up to <paramref name="until"/>.</summary>
    /// <param name="offset">First offset wanted.</param>
    /// <param name="until">First offset that may not be seen.</param>
    /// <param name="bytesMax">Most bytes.</param>
    /// <param name="firstWhole">Whether the first batch is returned even if it alone is larger than that: a reader must get on (KIP-74).</param>
    public LogRead Read(long offset, long until, int bytesMax, bool firstWhole)
    {
        var length = _length;
        var position = _index.FloorOfOffset((int)Math.Min(offset - BaseOffset, int.MaxValue)).Position;
        while (position < length)
        {
            // Up to an index interval is walked over before the first batch that is wanted.
            var count = (int)Math.Min(length - position, Math.Max((long)bytesMax, RecordBatchHeader.Bytes) + GrowingIndex.IntervalBytes);
            var buffer = ArrayPool<byte>.Shared.Rent(count);
            ReadExactly(buffer.AsSpan(0, count), position);

            var (start, end) = (-1, 0);
            while (end + RecordBatchHeader.Bytes <= count)
            {
                var header = new RecordBatchHeader(buffer.AsSpan(end));
                if (start < 0 && header.LastOffset < offset)
                {
                    end += (int)header.TotalBytes;
                    continue;
                }

                if (header.BaseOffset >= until)
                    break;
                if (start < 0)
                {
                    start = end;
                    if (header.TotalBytes > bytesMax)
                    {
                        var batchBytes = (int)header.TotalBytes;
                        ArrayPool<byte>.Shared.Return(buffer);
                        return firstWhole ? ReadBatch(position + start, batchBytes) : LogRead.Empty;
                    }
                }

                if (end + header.TotalBytes > count || end + header.TotalBytes - start > bytesMax)
                    break;
                end += (int)header.TotalBytes;
            }

            if (start >= 0 && end > start)
                return new(buffer, start, end - start);
            ArrayPool<byte>.Shared.Return(buffer);
            if (start >= 0 || end == 0)
                return LogRead.Empty;
            position += end;
        }

        return LogRead.Empty;
    }

    /// <summary>Bytes from <paramref name="offset"/> to the end, too many by up to an index interval.</summary>
    public int BytesFrom(long offset) =>
        Math.Max(0, _length - _index.FloorOfOffset((int)Math.Clamp(offset - BaseOffset, 0, int.MaxValue)).Position);

    /// <summary>A walk over the batches' headers from <paramref name="offset"/> on.</summary>
    public BatchWalker Headers(long offset) =>
        new(_file, _index.FloorOfOffset((int)Math.Clamp(offset - BaseOffset, 0, int.MaxValue)).Position, _length, whole: false);

    /// <summary>A walk over whole batches from one that has nothing at or after <paramref name="timestamp"/> in front of it.</summary>
    public BatchWalker BatchesSince(long timestamp) =>
        new(_file, _index.FloorOfTimestamp(timestamp).Position, _length, whole: true);

    /// <summary>Forces to disk what is written. Called by one thread at a time.</summary>
    public void Flush()
    {
        var length = _length;
        if (length == _flushedLength)
            return;
        RandomAccess.FlushToDisk(_file);
        _flushedLength = length;
    }

    /// <summary>Forces a finished segment to disk and writes the index that vouches for it. Nothing is appended during or after.</summary>
    public void Seal()
    {
        if (_index is not GrowingIndex growing)
            return;
        Flush();
        SealedIndex.Write(IndexPath(Path), BaseOffset, _length, NextOffset, MaxTimestamp, growing.ToArray());
        _index = SealedIndex.TryOpen(IndexPath(Path), BaseOffset, _length)
            ?? throw new IOException($"The index just written for {Path} cannot be read back.");
    }

    /// <summary>Removes the files. A read under way finishes on what it has open.</summary>
    public void Delete()
    {
        File.Delete(IndexPath(Path));
        File.Delete(Path);
        Dispose();
    }

    public void Dispose()
    {
        _file.Dispose();
        (_index as SealedIndex)?.Dispose();
    }

    private static string IndexPath(string logPath) => System.IO.Path.ChangeExtension(logPath, IndexSuffix);

    private static SafeFileHandle OpenFile(string path, FileMode mode) =>
        File.OpenHandle(path, mode, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete);

    private DateTimeOffset FirstBatchTime(DateTimeOffset now)
    {
        using var walker = new BatchWalker(_file, 0, _length, whole: false);
        if (!walker.MoveNext())
            return now;
        // A producer's clock may be anywhere; a segment is never younger than now nor older than the epoch.
        var milliseconds = Math.Clamp(walker.Header.MaxTimestamp, 0, now.ToUnixTimeMilliseconds());
        return DateTimeOffset.FromUnixTimeMilliseconds(milliseconds);
    }

    private LogRead ReadBatch(int position, int count)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(count);
        ReadExactly(buffer.AsSpan(0, count), position);
        return new(buffer, 0, count);
    }

    private void ReadExactly(Span<byte> to, int position)
    {
        while (!to.IsEmpty)
        {
            var read = RandomAccess.Read(_file, to, position);
            if (read == 0)
                throw new IOException($"{Path} ends at byte {position}, but {to.Length} bytes more were written to it: something else shortened it.");
            to = to[read..];
            position += read;
        }
    }
}
