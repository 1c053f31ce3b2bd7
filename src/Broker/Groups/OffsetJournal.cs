using System.Globalization;
using System.Threading.Channels;
using Broker.Log;
using Kafka.Protocol;
using Microsoft.Extensions.Logging;

namespace Broker.Groups;

/// <summary>
/// The durable half of the committed offsets: changes are appended to a file, forced to disk if so configured, then applied in the order
/// of the file, then acknowledged. One writer serves all groups, so changes that come together share a write and a flush.
/// </summary>
/// <remarks>
/// The file with the highest number counts, <c>offsets-0000000003.journal</c>. When it has grown, what still counts is written to the next
/// one under a temporary name, flushed, and renamed; a crash leaves either the old file or a whole new one.
/// Bounds: at most <see cref="QueuedMax"/> changes wait; then commits wait for the disk.
/// </remarks>
internal sealed partial class OffsetJournal : IAsyncDisposable
{
    private const int QueuedMax = 1024;
    private const int WriteBytesMax = 1 << 20;
    private const string Suffix = ".journal";

    private readonly Channel<Waiting> _queue = Channel.CreateBounded<Waiting>(
        new BoundedChannelOptions(QueuedMax) { SingleReader = true, FullMode = BoundedChannelFullMode.Wait });

    private readonly string _directory;
    private readonly GroupCoordinatorOptions _options;
    private readonly Action<OffsetChange> _apply;
    private readonly Func<IEnumerable<OffsetChange>> _snapshot;
    private readonly ILogger _logger;
    private readonly ITimer _flushTimer;
    private readonly Task _writer;

    private OffsetJournalFile _file;
    private long _number;
    private long _compactAt;
    private bool _isDirty;
    private bool _isBroken;

    private OffsetJournal(
        string directory, GroupCoordinatorOptions options, OffsetJournalFile file, long number,
        Action<OffsetChange> apply, Func<IEnumerable<OffsetChange>> snapshot, TimeProvider time, ILogger logger)
    {
        (_directory, _options, _file, _number, _apply, _snapshot, _logger) = (directory, options, file, number, apply, snapshot, logger);
        _compactAt = Math.Max(options.JournalBytesMax, 2 * file.Length);
        _writer = Task.Run(RunAsync);
        _flushTimer = time.CreateTimer(_ => _queue.Writer.TryWrite(Waiting.Flush), null, options.FlushInterval, options.FlushInterval);
    }

    /// <summary>Recovers the journal in <paramref name="directory"/>, or begins one.</summary>
    /// <param name="directory">Where it lies; created where missing.</param>
    /// <param name="options">When to flush and when to compact.</param>
    /// <param name="apply">Takes each change: those recovered before this returns, later ones as they become durable.</param>
    /// <param name="snapshot">All that counts now, as changes to an empty state. Called by the writer, between two applies.</param>
    /// <param name="time">The clock of the flush interval.</param>
    /// <param name="logger">Hears of what was cut off and of failures.</param>
    /// <exception cref="InvalidDataException">The newest file is no journal this version can read.</exception>
    public static OffsetJournal Open(
        string directory, GroupCoordinatorOptions options, Action<OffsetChange> apply, Func<IEnumerable<OffsetChange>> snapshot,
        TimeProvider time, ILogger logger)
    {
        Directory.CreateDirectory(directory);
        foreach (var unfinished in Directory.EnumerateFiles(directory, "offsets-*.tmp"))
            File.Delete(unfinished);
        var files = Directory.EnumerateFiles(directory, "offsets-*" + Suffix)
            .Select(path => (Path: path, Number: NumberOf(path))).Where(file => file.Number > 0).OrderBy(file => file.Number).ToList();
        foreach (var (older, _) in files.SkipLast(1))
            File.Delete(older);

        OffsetJournalFile file;
        var number = 1L;
        if (files.Count == 0)
        {
            file = WriteWhole(directory, number, []);
        }
        else
        {
            number = files[^1].Number;
            (file, var cut) = OffsetJournalFile.Recover(files[^1].Path, apply);
            if (cut > 0)
                TailCut(logger, file.Path, cut);
        }

        return new OffsetJournal(directory, options, file, number, apply, snapshot, time, logger);
    }

    /// <summary>Makes a change durable and applies it.</summary>
    /// <returns>False when the disk failed: the change has not happened.</returns>
    public async Task<bool> AppendAsync(OffsetChange change, CancellationToken cancellation)
    {
        var waiting = new Waiting(change);
        try
        {
            await _queue.Writer.WriteAsync(waiting, cancellation).ConfigureAwait(false);
        }
        catch (ChannelClosedException)
        {
            return false;
        }

        // Once queued it will happen; only the wait can be given up.
        return await waiting.Done.Task.WaitAsync(cancellation).ConfigureAwait(false);
    }

    /// <summary>Writes what is queued, flushes and closes.</summary>
    public async ValueTask DisposeAsync()
    {
        await _flushTimer.DisposeAsync().ConfigureAwait(false);
        _queue.Writer.TryComplete();
        await _writer.ConfigureAwait(false);
        _file.Dispose();
    }

    private static long NumberOf(string path)
    {
        var digits = Path.GetFileNameWithoutExtension(path)["offsets-".Length..];
        return long.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : -1;
    }

    private static OffsetJournalFile WriteWhole(string directory, long number, IEnumerable<OffsetChange> changes)
    {
        var path = Path.Combine(directory, string.Create(CultureInfo.InvariantCulture, $"offsets-{number:D10}{Suffix}"));
        var temporary = path + ".tmp";
        using var scratch = new ProtocolWriter();
        using var buffer = new MemoryStream();
        using (var file = OffsetJournalFile.Create(temporary))
        {
            foreach (var change in changes)
            {
                OffsetJournalFile.Frame(scratch, change, buffer);
                if (buffer.Length < WriteBytesMax)
                    continue;
                file.Append(buffer.GetBuffer().AsSpan(0, (int)buffer.Length));
                buffer.SetLength(0);
            }

            file.Append(buffer.GetBuffer().AsSpan(0, (int)buffer.Length));
            file.Flush();
        }

        File.Move(temporary, path, overwrite: true);
        DirectorySync.Flush(directory);
        return OffsetJournalFile.Recover(path, static _ => { }).File;
    }

    private async Task RunAsync()
    {
        var group = new List<Waiting>();
        try
        {
            await WriteAllAsync(group).ConfigureAwait(false);
        }
        catch (Exception bug)
        {
            // Without its writer the journal would leave every commit waiting for ever: refuse them instead, and say so loudly.
            WriterDied(bug, _file.Path);
            _isBroken = true;
            _queue.Writer.TryComplete();
            while (_queue.Reader.TryRead(out var waiting))
                group.Add(waiting);
            foreach (var waiting in group)
                waiting.Done.TrySetResult(false);
        }
    }

    private async Task WriteAllAsync(List<Waiting> group)
    {
        using var scratch = new ProtocolWriter();
        using var buffer = new MemoryStream();
        while (await _queue.Reader.WaitToReadAsync().ConfigureAwait(false))
        {
            var flush = _options.Flush == FlushPolicy.Always;
            while (buffer.Length < WriteBytesMax && _queue.Reader.TryRead(out var waiting))
            {
                if (waiting.Change is null)
                {
                    flush = true;
                    continue;
                }

                OffsetJournalFile.Frame(scratch, waiting.Change, buffer);
                group.Add(waiting);
            }

            var isWritten = TryWrite(buffer.GetBuffer().AsSpan(0, (int)buffer.Length), flush);
            foreach (var waiting in group)
            {
                if (isWritten)
                    _apply(waiting.Change!);
                waiting.Done.TrySetResult(isWritten);
            }

            group.Clear();
            buffer.SetLength(0);
            if (_file.Length > _compactAt && !_isBroken)
                Compact();
        }

        TryWrite([], flush: true);
    }

    private bool TryWrite(ReadOnlySpan<byte> bytes, bool flush)
    {
        if (_isBroken)
            return false;
        try
        {
            if (!bytes.IsEmpty)
            {
                _file.Append(bytes);
                _isDirty = true;
            }
        }
        catch (IOException failure)
        {
            WriteFailed(failure, _file.Path);
            return TakeBack();
        }

        if (!flush || !_isDirty)
            return true;
        try
        {
            _file.Flush();
            _isDirty = false;
            return true;
        }
        catch (IOException failure)
        {
            // After a failed flush nobody knows what is on disk, and a second try may falsely succeed.
            FlushFailed(failure, _file.Path);
            _isBroken = true;
            return false;
        }
    }

    // A full disk may recover. What reached the file of a failed write must go, or the next entry would follow garbage.
    private bool TakeBack()
    {
        try
        {
            _file.CutToLength();
        }
        catch (IOException failure)
        {
            FlushFailed(failure, _file.Path);
            _isBroken = true;
        }

        return false;
    }

    private void Compact()
    {
        var before = _file.Length;
        OffsetJournalFile compacted;
        try
        {
            compacted = WriteWhole(_directory, _number + 1, _snapshot());
        }
        catch (IOException failure)
        {
            // The old file is whole and goes on; try again once it has grown as much again.
            _compactAt += _options.JournalBytesMax;
            CompactionFailed(failure, _file.Path);
            return;
        }

        var old = _file;
        (_file, _isDirty) = (compacted, false);
        _number++;
        _compactAt = Math.Max(_options.JournalBytesMax, 2 * compacted.Length);
        old.Dispose();
        File.Delete(old.Path);
        Compacted(before, compacted.Length);
    }

    [LoggerMessage(401, LogLevel.Warning, "Cut {Bytes} bytes of an unfinished write off the end of {Journal}; they are kept beside it with the suffix .cut.")]
    private static partial void TailCut(ILogger logger, string journal, long bytes);

    [LoggerMessage(402, LogLevel.Error, "Offsets cannot be written to {Journal}; commits are refused until they can.")]
    private partial void WriteFailed(Exception failure, string journal);

    [LoggerMessage(403, LogLevel.Critical, "The disk under {Journal} failed a flush; commits are refused until the broker is restarted.")]
    private partial void FlushFailed(Exception failure, string journal);

    [LoggerMessage(404, LogLevel.Warning, "The offset journal {Journal} cannot be compacted; it goes on growing.")]
    private partial void CompactionFailed(Exception failure, string journal);

    [LoggerMessage(405, LogLevel.Debug, "Compacted the offset journal from {Before} to {After} bytes.")]
    private partial void Compacted(long before, long after);

    [LoggerMessage(406, LogLevel.Critical, "The writer of {Journal} stopped; commits are refused until the broker is restarted.")]
    private partial void WriterDied(Exception bug, string journal);

    /// <summary>A change on its way; without one, a wish to flush.</summary>
    private sealed class Waiting(OffsetChange? change)
    {
        public static readonly Waiting Flush = new(null);

        public OffsetChange? Change { get; } = change;

        public TaskCompletionSource<bool> Done { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
