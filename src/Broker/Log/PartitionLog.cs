using System.Diagnostics;
using Kafka.Protocol;
using Microsoft.Extensions.Logging;

namespace Broker.Log;

/// <summary>One partition: segments one after another, the last of them written to, and the producers that write.</summary>
/// <remarks>
/// <para>Appends hold <c>_gate</c> from the judgement of the sequence numbers to the write, so that batches land in the order in which
/// they were judged. Readers hold nothing: the list of segments is replaced, never changed, and an offset is published after its bytes.</para>
/// <para>Offsets: <see cref="LogStartOffset"/> ≤ durable ≤ <see cref="EndOffset"/>. Consumers see up to <see cref="HighWatermark"/>, which
/// is the durable offset where acknowledgements wait for the disk and the end where they do not: nobody is shown a record that its
/// producer may yet be told was lost.</para>
/// </remarks>
internal sealed partial class PartitionLog : IDisposable
{
    /// <summary>The epoch of the only leader there is.</summary>
    public const int LeaderEpoch = 0;

    private readonly string _directory;
    private readonly LogFlusher _flusher;
    private readonly BrokerMetrics _metrics;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly ProducerStates _producers;

    private readonly Lock _gate = new();
    private readonly Lock _flushGate = new();
    private readonly Lock _watchGate = new();
    private volatile LogConfig _config;
    private volatile LogSegment[] _segments;
    private volatile Action[] _watchers = [];
    private volatile bool _failed;
    private volatile bool _closed;
    private bool _directoryDirty;
    private (long Offset, byte[] Bytes)? _snapshotDue;
    private long _logStartOffset;
    private long _endOffset;
    private long _durableOffset;

    internal PartitionLog(LogFolder found, LogConfig config, long logStartOffset, LogFlusher flusher, BrokerMetrics metrics, TimeProvider time, ILogger logger)
    {
        _directory = found.Directory;
        _segments = found.Segments;
        _producers = found.Producers;
        _config = config;
        _flusher = flusher;
        _metrics = metrics;
        _time = time;
        _logger = logger;
        _endOffset = _segments[^1].NextOffset;
        _durableOffset = _endOffset;
        _logStartOffset = Math.Clamp(logStartOffset, _segments[0].BaseOffset, _endOffset);
        _directoryDirty = found.IsNew;
        if (found.IsNew || _segments.Any(static segment => segment.HasUnflushed))
            _flusher.MarkDirty(this);
    }

    /// <summary>The first offset that can be read.</summary>
    public long LogStartOffset => Volatile.Read(ref _logStartOffset);

    /// <summary>The offset the next record will get.</summary>
    public long EndOffset => Volatile.Read(ref _endOffset);

    /// <summary>The offset up to which consumers see records.</summary>
    public long HighWatermark => _flusher.Policy == FlushPolicy.Always ? Volatile.Read(ref _durableOffset) : EndOffset;

    /// <summary>The offset up to which no transaction is open. Without transactions, the high watermark.</summary>
    public long LastStableOffset => HighWatermark;

    /// <summary>Whether the log was closed, most likely because its topic was deleted.</summary>
    public bool IsClosed => _closed;

    public LogConfig Config
    {
        get => _config;
        set => _config = value;
    }

    public long SizeBytes => _segments.Sum(static segment => (long)segment.Length);

    /// <summary>Whether the record at <paramref name="offset"/> is as safe as the flush policy promises.</summary>
    public bool IsDurable(long offset) => _flusher.Policy == FlushPolicy.Os || Volatile.Read(ref _durableOffset) > offset;

    /// <summary>Gives a checked batch its offsets and appends it. The bytes are changed in place.</summary>
    public AppendResult Append(Memory<byte> batch)
    {
        AppendResult result;
        lock (_gate)
            result = AppendLocked(batch.Span);
        if (result.Status == AppendStatus.Appended && _flusher.Policy == FlushPolicy.Os)
            Advanced();
        return result;
    }

    /// <summary>Batches from <paramref name="offset"/> on, which lies between the log's start and the high watermark.</summary>
    /// <param name="offset">First offset wanted.</param>
    /// <param name="until">First offset that may not be seen.</param>
    /// <param name="bytesMax">Most bytes.</param>
    /// <param name="firstWhole">Whether the first batch is returned even if it is larger than that.</param>
    public LogRead Read(long offset, long until, int bytesMax, bool firstWhole)
    {
        while (offset < until)
        {
            var segments = _segments;
            var at = IndexOf(segments, offset);
            try
            {
                for (; at < segments.Length; at++)
                {
                    var read = segments[at].Read(offset, until, bytesMax, firstWhole);
                    // A compacted segment may hold nothing at or after the offset; the next one does.
                    if (!read.IsEmpty || offset < segments[at].NextOffset)
                        return read;
                }

                return LogRead.Empty;
            }
            catch (ObjectDisposedException) when (!_closed && _segments != segments)
            {
                // Retention took the segment away under this read; look again at what there is now.
                if (offset < LogStartOffset)
                    return LogRead.Empty;
            }
        }

        return LogRead.Empty;
    }

    /// <summary>Bytes a read at <paramref name="offset"/> would find, too many by up to an index interval.</summary>
    public long BytesFrom(long offset)
    {
        if (offset >= HighWatermark)
            return 0;
        var segments = _segments;
        var bytes = 0L;
        for (var at = IndexOf(segments, offset); at < segments.Length; at++)
            bytes += segments[at].BytesFrom(offset);
        return bytes;
    }

    /// <summary>The first record, in offset order, at or after a time (milliseconds since 1970); null where there is none.</summary>
    public RecordPoint? FirstAtOrAfter(long timestamp)
    {
        var start = LogStartOffset;
        var until = HighWatermark;
        foreach (var segment in _segments)
        {
            if (segment.MaxTimestamp >= timestamp && TimeLookup.FirstAtOrAfter(segment, timestamp, start, until) is { } found)
                return found;
        }

        return null;
    }

    /// <summary>The first record that carries the log's largest timestamp; null where the log is empty.</summary>
    public RecordPoint? Newest()
    {
        var newest = _segments.MaxBy(static segment => segment.MaxTimestamp);
        return newest is null || newest.MaxTimestamp == long.MinValue ? null : FirstAtOrAfter(newest.MaxTimestamp);
    }

    /// <summary>Has <paramref name="advanced"/> called, on the appender's thread, whenever consumers can see more, or the log closes.</summary>
    public void Watch(Action advanced)
    {
        lock (_watchGate)
            _watchers = [.. _watchers, advanced];
    }

    public void Unwatch(Action advanced)
    {
        lock (_watchGate)
        {
            var at = Array.IndexOf(_watchers, advanced);
            if (at >= 0)
                _watchers = [.. _watchers.AsSpan(0, at), .. _watchers.AsSpan(at + 1)];
        }
    }

    /// <summary>Forces to disk what was appended so far, and finishes rolled segments. A failure ends the log's life as a writer.</summary>
    public void Flush()
    {
        lock (_flushGate)
        {
            if (_closed || _failed)
                return;

            LogSegment[] segments;
            long end;
            bool directoryDirty;
            (long Offset, byte[] Bytes)? snapshot;
            lock (_gate)
            {
                (segments, end) = (_segments, _endOffset);
                (directoryDirty, _directoryDirty) = (_directoryDirty, false);
                (snapshot, _snapshotDue) = (_snapshotDue, null);
            }

            try
            {
                foreach (var segment in segments.AsSpan(0, segments.Length - 1))
                    segment.Seal();
                segments[^1].Flush();
                if (directoryDirty)
                    DirectorySync.Flush(_directory);
                if (snapshot is { } due)
                    ProducerSnapshot.Write(_directory, due.Offset, due.Bytes);
            }
            catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
            {
                // After a failed fsync the kernel may have dropped the pages: trying again would report a success that is none.
                _failed = true;
                FlushFailed(failure, _directory);
                return;
            }

            Volatile.Write(ref _durableOffset, end);
        }

        if (_flusher.Policy == FlushPolicy.Always)
            Advanced();
    }

    /// <summary>Removes whole segments that outlived the topic's retention, and forgets idle producers.</summary>
    /// <returns>Segments removed.</returns>
    public int Sweep(DateTimeOffset now, TimeSpan producerIdExpiration)
    {
        List<LogSegment> expired = [];
        lock (_gate)
        {
            if (_closed || _failed)
                return 0;
            _producers.ForgetIdleSince((now - producerIdExpiration).ToUnixTimeMilliseconds());
            try
            {
                RemoveExpired(now, expired);
            }
            catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
            {
                SweepFailed(failure, _directory);
            }
        }

        DeleteFiles(expired);
        return expired.Count;
    }

    /// <summary>Makes <paramref name="offset"/> the first that can be read and removes the segments that lie before it.</summary>
    public void DeleteBefore(long offset)
    {
        List<LogSegment> passed = [];
        lock (_gate)
        {
            if (_closed || offset <= _logStartOffset)
                return;
            Debug.Assert(offset <= _endOffset);
            Volatile.Write(ref _logStartOffset, offset);
            while (_segments.Length > 1 && _segments[0].NextOffset <= offset)
                passed.Add(RemoveFirst());
        }

        DeleteFiles(passed);
    }

    /// <summary>Flushes and vouches for everything, so that the next start need not walk it.</summary>
    public void Close()
    {
        lock (_gate)
            _snapshotDue = (_endOffset, ProducerSnapshot.Encode(_producers, _endOffset));
        Flush();
        lock (_flushGate)
        {
            if (!_failed && !_closed)
            {
                try
                {
                    _segments[^1].Seal();
                }
                catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
                {
                    FlushFailed(failure, _directory);
                }
            }
        }

        Dispose();
    }

    /// <summary>Lets go of the files as they are. A later start recovers from whatever the last flush left.</summary>
    public void Dispose()
    {
        lock (_flushGate)
        {
            lock (_gate)
            {
                if (_closed)
                    return;
                _closed = true;
                foreach (var segment in _segments)
                    segment.Dispose();
            }
        }

        Advanced();
    }

    private AppendResult AppendLocked(Span<byte> batch)
    {
        if (_closed)
            return AppendResult.Refused(AppendStatus.Closed);
        if (_failed)
            return AppendResult.Refused(AppendStatus.StorageFailed);

        var header = new RecordBatchHeader(batch);
        if (header.HasProducer)
        {
            switch (_producers.Judge(header, out var original))
            {
                case SequenceVerdict.Duplicate:
                    _metrics.DuplicateBatch();
                    // The first copy may still be on its way to the disk, and this answer must not overtake it.
                    var durable = IsDurable(original.LastOffset) ? Task.CompletedTask : _flusher.MarkDirty(this);
                    return new(AppendStatus.Duplicate, original.BaseOffset, original.LastOffset, durable);
                case SequenceVerdict.OutOfOrder:
                    return AppendResult.Refused(AppendStatus.OutOfOrderSequence);
                case SequenceVerdict.StaleEpoch:
                    return AppendResult.Refused(AppendStatus.StaleProducerEpoch);
            }
        }

        var now = _time.GetUtcNow();
        RecordBatch.Place(batch, _endOffset, LeaderEpoch);
        try
        {
            var active = _segments[^1];
            if (IsDueToRoll(active, batch.Length, header, now))
                active = Roll(now);
            active.Append(batch, header);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            // A full disk may have room again later, so the log lives on; the batch is not in it and its producer is told.
            AppendFailed(failure, _directory);
            return AppendResult.Refused(AppendStatus.StorageFailed);
        }

        if (header.HasProducer)
            _producers.Record(header, now.ToUnixTimeMilliseconds());
        Volatile.Write(ref _endOffset, header.NextOffset);
        _metrics.Appended(header.Count, batch.Length);
        return new(AppendStatus.Appended, header.BaseOffset, header.LastOffset, _flusher.MarkDirty(this));
    }

    private bool IsDueToRoll(LogSegment active, int batchBytes, in RecordBatchHeader header, DateTimeOffset now) =>
        active.Length > 0
        && ((long)active.Length + batchBytes > _config.SegmentBytes
            || now - active.BegunAt > _config.SegmentAge
            || header.LastOffset - active.BaseOffset > int.MaxValue);

    private LogSegment Roll(DateTimeOffset now)
    {
        var next = LogSegment.Create(_directory, _endOffset, now);
        _segments = [.. _segments, next];
        _directoryDirty = true;
        _snapshotDue = (_endOffset, ProducerSnapshot.Encode(_producers, _endOffset));
        // The finished segment is flushed and gets its index on the flusher's thread: an fsync of 128 MiB must not hold up appends.
        _flusher.MarkDirty(this);
        return next;
    }

    private void RemoveExpired(DateTimeOffset now, List<LogSegment> expired)
    {
        var config = _config;
        if (!config.Delete)
            return;
        var size = SizeBytes;
        while (true)
        {
            var first = _segments[0];
            var tooOld = config.RetentionAge is { } age
                && first.Length > 0
                && first.MaxTimestamp < (now - age).ToUnixTimeMilliseconds();
            var tooMuch = config.RetentionBytes >= 0 && size - first.Length >= config.RetentionBytes && _segments.Length > 1;
            // What a producer still waits for is not expired.
            if ((!tooOld && !tooMuch) || first.NextOffset > HighWatermark)
                return;
            if (_segments.Length == 1)
                Roll(now);
            size -= first.Length;
            expired.Add(RemoveFirst());
        }
    }

    private LogSegment RemoveFirst()
    {
        var first = _segments[0];
        _segments = _segments[1..];
        Volatile.Write(ref _logStartOffset, Math.Max(_logStartOffset, _segments[0].BaseOffset));
        return first;
    }

    private void DeleteFiles(List<LogSegment> segments)
    {
        // Not while a flush is about to vouch for one of them.
        lock (_flushGate)
        {
            foreach (var segment in segments)
            {
                try
                {
                    segment.Delete();
                    SegmentDeleted(segment.Path, segment.NextOffset);
                }
                catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
                {
                    SweepFailed(failure, segment.Path);
                }
            }
        }

        _metrics.DeletedSegments(segments.Count);
    }

    private void Advanced()
    {
        foreach (var watcher in _watchers)
            watcher();
    }

    // The last segment that starts at or before the offset.
    private static int IndexOf(LogSegment[] segments, long offset)
    {
        var (low, high) = (0, segments.Length);
        while (low < high)
        {
            var middle = (low + high) >>> 1;
            if (segments[middle].BaseOffset <= offset)
                low = middle + 1;
            else
                high = middle;
        }

        return Math.Max(0, low - 1);
    }

    [LoggerMessage(1001, LogLevel.Critical, "Flushing {Directory} to disk failed. The partition takes no more records until the broker is restarted.")]
    private partial void FlushFailed(Exception failure, string directory);

    [LoggerMessage(1002, LogLevel.Error, "A batch could not be written to {Directory}; its producer was told.")]
    private partial void AppendFailed(Exception failure, string directory);

    [LoggerMessage(1003, LogLevel.Warning, "Removing expired segments of {Directory} failed; the next sweep tries again.")]
    private partial void SweepFailed(Exception failure, string directory);

    [LoggerMessage(1004, LogLevel.Information, "Deleted segment {Path}; the log went on at offset {NextOffset}.")]
    private partial void SegmentDeleted(string path, long nextOffset);
}
