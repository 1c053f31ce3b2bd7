using Microsoft.Extensions.Logging;

namespace NodeAgent.Queue;

/// <summary>What a queue folder holds after the last run, however that ended.</summary>
internal sealed partial class QueueRecovery
{
    /// <summary>Damaged segments kept for inspection; older ones are deleted.</summary>
    private const int SetAsideMax = 4;

    private readonly string _directory;
    private readonly ILogger _logger;

    private QueueRecovery(string directory, ILogger logger)
    {
        _directory = directory;
        _logger = logger;
    }

    /// <summary>Whole segments, oldest first; the last goes on being written unless <see cref="MustStartEpoch"/>.</summary>
    public List<QueueSegment> Segments { get; } = [];

    /// <summary>How far each file is read.</summary>
    public Dictionary<uint, FileMark> Marks { get; } = [];

    /// <summary>
    /// Records that were numbered may be gone: their numbers must not come again for other records, which the monitor would
    /// drop as seen. Reading a line twice is the lesser harm.
    /// </summary>
    public bool MustStartEpoch { get; private set; }

    /// <summary>The number that the next segment takes.</summary>
    public long NextNumber { get; private set; } = 1;

    /// <summary>
    /// 1. Opens the segments oldest first; one without a readable header is set aside.
    /// 2. Reads the last to its end, for the positions and the next sequence; cuts what was never finished.
    /// 3. Falls back to the segment before where the last is unreadable.
    /// </summary>
    public static QueueRecovery Run(string directory, QueueState state, ulong boot, ILogger logger)
    {
        var recovery = new QueueRecovery(directory, logger);
        recovery.OpenSegments();
        while (recovery.Segments.Count > 0 && !recovery.ReadLast())
            recovery.Segments.RemoveAt(recovery.Segments.Count - 1);

        var last = recovery.Segments.LastOrDefault();
        recovery.MustStartEpoch |= last is null
            || !state.IsKnown
            || (!state.IsClean && state.Boot != boot)
            || (state.AckedEpoch, state.AckedSequence).CompareTo((last.Header.Epoch, last.NextSequence - 1)) > 0;
        return recovery;
    }

    /// <summary>Keeps a damaged segment's bytes under another name.</summary>
    public static void SetAside(string directory, string path, bool copy)
    {
        var aside = path + ".damaged";
        if (copy)
            File.Copy(path, aside, overwrite: true);
        else
            File.Move(path, aside, overwrite: true);

        foreach (var old in Directory.EnumerateFiles(directory, "*.damaged").OrderDescending().Skip(SetAsideMax).ToArray())
            File.Delete(old);
    }

    private void OpenSegments()
    {
        foreach (var unfinished in Directory.EnumerateFiles(_directory, "*.new").ToArray())
            File.Delete(unfinished);

        foreach (var (number, path) in QueueSegment.In(_directory))
        {
            NextNumber = number + 1;
            using var cursor = new SegmentCursor(path);
            if (!cursor.HasHeader)
            {
                HeaderDamaged(path);
                SetAside(_directory, path, copy: false);
                MustStartEpoch = true;
                continue;
            }

            var segment = new QueueSegment(path, cursor.Header) { Length = cursor.FileLength };
            if (Segments.LastOrDefault() is { } previous)
                previous.NextSequence = previous.Header.Epoch == cursor.Header.Epoch ? cursor.Header.FirstSequence : LastOf(previous);
            Segments.Add(segment);
        }
    }

    // An epoch's last segment is followed by another's first: only its own entries say where it ended.
    private static ulong LastOf(QueueSegment segment)
    {
        var next = segment.Header.FirstSequence;
        using var cursor = new SegmentCursor(segment.Path);
        while (cursor.Next(segment.Length) is EntryRead.Whole)
        {
            var parts = EntryFrame.Parts(cursor.Payload);
            next = parts.FirstSequence + (ulong)parts.Count;
        }

        return next;
    }

    private bool ReadLast()
    {
        var segment = Segments[^1];
        using var cursor = new SegmentCursor(segment.Path);
        var limit = segment.Length;
        var entries = 0;
        EntryRead read;
        Marks.Clear();
        while ((read = cursor.Next(limit)) is EntryRead.Whole)
        {
            var parts = EntryFrame.Parts(cursor.Payload);
            parts.ApplyTo(Marks);
            segment.NextSequence = parts.FirstSequence + (ulong)parts.Count;
            entries++;
        }

        if (read is EntryRead.Damaged || entries == 0)
        {
            EntryDamaged(segment.Path, cursor.Offset, limit - cursor.Offset);
            MustStartEpoch = true;
            SetAside(_directory, segment.Path, copy: entries > 0);
            if (entries == 0)
                return false;
        }
        else if (read is EntryRead.Torn)
        {
            // A kill leaves an entry that nobody has read. A length that was damaged looks the same, with read entries behind it.
            MustStartEpoch = true;
            TornTail(segment.Path, limit - cursor.Offset);
        }

        segment.Length = cursor.Offset;
        return true;
    }

    [LoggerMessage(20, LogLevel.Error, "Queue segment {Path} has no readable header and was set aside beside it as .damaged; its records are lost, reading goes on under a new epoch.")]
    private partial void HeaderDamaged(string path);

    [LoggerMessage(21, LogLevel.Error, "Queue segment {Path} is damaged at byte {Offset}: the {Bytes} bytes from there are lost and kept beside it as .damaged; lines from there are read again under a new epoch.")]
    private partial void EntryDamaged(string path, long offset, long bytes);

    [LoggerMessage(22, LogLevel.Information, "Queue segment {Path} ends in {Bytes} bytes of an entry that was never finished; they were cut, and their lines are read again.")]
    private partial void TornTail(string path, long bytes);
}
