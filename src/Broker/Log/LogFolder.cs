using System.Globalization;
using Microsoft.Extensions.Logging;

namespace Broker.Log;

/// <summary>A partition's folder as a start finds it, made whole: what can be trusted is opened, what cannot is walked and cut.</summary>
internal sealed partial class LogFolder
{
    private const string AsideSuffix = ".aside";

    private LogFolder(string directory, LogSegment[] segments, ProducerStates producers, IReadOnlyList<SegmentCut> cuts, bool isNew)
    {
        IsNew = isNew;
        Directory = directory;
        Segments = segments;
        Producers = producers;
        Cuts = cuts;
    }

    public string Directory { get; }

    /// <summary>At least one; the last is the one to write to.</summary>
    public LogSegment[] Segments { get; }

    public ProducerStates Producers { get; }

    /// <summary>Whether the first segment was made just now.</summary>
    public bool IsNew { get; }

    /// <summary>What was cut off.</summary>
    public IReadOnlyList<SegmentCut> Cuts { get; }

    /// <summary>
    /// Opens a partition: (1) each segment in turn, walking those that no index vouches for; (2) at the first bad batch that segment is
    /// cut and the later ones are set aside; (3) the last segment is opened for writing; (4) producers come from the newest snapshot and
    /// the batches after it.
    /// </summary>
    /// <param name="directory">The partition's folder; created where missing.</param>
    /// <param name="producersMax">Most producers to remember.</param>
    /// <param name="time">The clock for a new segment's age.</param>
    /// <param name="logger">Told of what was cut.</param>
    public static LogFolder Open(string directory, int producersMax, TimeProvider time, ILogger logger)
    {
        System.IO.Directory.CreateDirectory(directory);
        var now = time.GetUtcNow();
        var segments = new List<LogSegment>();
        var cuts = new List<SegmentCut>();
        foreach (var (path, baseOffset) in FindSegments(directory))
        {
            // A segment cut short, or one that begins before its forerunner ends, is where the log stops being one.
            if (cuts.Count > 0 || (segments.Count > 0 && baseOffset < segments[^1].NextOffset))
            {
                SetAside(path);
                SegmentSetAside(logger, path);
                continue;
            }

            // (1)
            if (LogSegment.TryOpenSealed(path, baseOffset, now) is { } vouchedFor)
            {
                segments.Add(vouchedFor);
                continue;
            }

            // (2)
            segments.Add(LogSegment.Recover(path, baseOffset, now, out var cut));
            if (cut is not null)
            {
                cuts.Add(cut);
                SegmentCutShort(logger, cut.Path, cut.Bytes, cut.Position, cut.Reason);
            }
        }

        // (3)
        var isNew = segments.Count == 0;
        if (isNew)
            segments.Add(LogSegment.Create(directory, 0, now));
        segments[^1].Unseal();

        // (4)
        var producers = new ProducerStates(producersMax);
        var endOffset = segments[^1].NextOffset;
        var replayFrom = ProducerSnapshot.Load(directory, endOffset, producers) ?? 0;
        foreach (var segment in segments)
        {
            if (segment.NextOffset > replayFrom)
                Replay(segment, Math.Max(replayFrom, segment.BaseOffset), producers, now);
        }

        return new(directory, [.. segments], producers, cuts, isNew);
    }

    // Batches do not say when the broker got them; counting them as of now forgets a producer too late rather than too early.
    private static void Replay(LogSegment segment, long from, ProducerStates producers, DateTimeOffset now)
    {
        using var walker = segment.Headers(from);
        while (walker.MoveNext())
        {
            var header = walker.Header;
            if (header.HasProducer && header.BaseOffset >= from)
                producers.Record(header, now.ToUnixTimeMilliseconds());
        }
    }

    private static (string Path, long BaseOffset)[] FindSegments(string directory) =>
        System.IO.Directory.EnumerateFiles(directory, "*" + LogSegment.LogSuffix)
            .Select(path => (path, offset: ParseOffset(path)))
            .Where(file => file.offset is not null)
            .Select(file => (file.path, file.offset!.Value))
            .OrderBy(file => file.Value)
            .ToArray();

    private static long? ParseOffset(string path) =>
        long.TryParse(Path.GetFileNameWithoutExtension(path), NumberStyles.None, CultureInfo.InvariantCulture, out var offset) ? offset : null;

    private static void SetAside(string path)
    {
        // Kept under another name: a person may still want what is in it.
        File.Move(path, path + AsideSuffix, overwrite: true);
        File.Delete(Path.ChangeExtension(path, LogSegment.IndexSuffix));
    }

    [LoggerMessage(1010, LogLevel.Warning, "Cut {Bytes} bytes off {Path} at byte {Position}: {Reason}. This is what a write leaves that was interrupted.")]
    private static partial void SegmentCutShort(ILogger logger, string path, long bytes, int position, string reason);

    [LoggerMessage(1011, LogLevel.Error, "Set {Path} aside: the log ends before it. It is kept beside the log, with the suffix .aside.")]
    private static partial void SegmentSetAside(ILogger logger, string path);
}
