using Microsoft.Extensions.Logging;
using Microsoft.Win32.SafeHandles;
using Settings;

namespace NodeAgent.Queue;

/// <summary>The agent's records on disk, between reading them and a gateway's acknowledgement.</summary>
/// <remarks>
/// <para>
/// An entry holds records <em>and</em> the file positions behind them under one checksum. After a kill at any moment, reading
/// goes on at the position of the last whole entry: each line enters the queue once.
/// </para>
/// <para>
/// Each segment begins with the positions of all files, so that the newest segment alone is enough to go on, and
/// acknowledged segments can be deleted whole.
/// </para>
/// </remarks>
internal sealed partial class DiskQueue : IDisposable
{
    private readonly string _directory;
    private readonly QueueOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger<DiskQueue> _logger;
    private readonly FileStream _owner;
    private readonly QueueState _state;
    private readonly QueueEntry _entry;
    private readonly Lock _writer = new();
    private readonly Lock _books = new();
    private readonly List<QueueSegment> _segments;
    private readonly Dictionary<uint, FileMark> _marks;
    private QueueSegment _active;
    private SafeFileHandle _file;
    private long _nextNumber;
    private bool _unflushed;
    private volatile string? _failure;
    private bool _disposed;

    private DiskQueue(
        string directory, QueueOptions options, TimeProvider time, ILogger<DiskQueue> logger, FileStream owner, QueueState state, ulong boot)
    {
        _directory = directory;
        _options = options;
        _time = time;
        _logger = logger;
        _owner = owner;
        _state = state;
        _entry = new QueueEntry(this);

        var found = QueueRecovery.Run(directory, state, boot, logger);
        _segments = found.Segments;
        _marks = found.Marks;
        _nextNumber = found.NextNumber;
        _file = found.MustStartEpoch ? BeginEpoch() : GoOn();
        _active = _segments[^1];

        // Marked unclean on disk before anything is written: from here on, only Dispose can vouch for the end.
        (_state.IsClean, _state.Boot) = (false, boot);
        _state.Save(flush: true);
    }

    /// <summary>This run of numbers: Unix milliseconds at its beginning, and higher than the one before.</summary>
    public ulong Epoch => _active.Header.Epoch;

    /// <summary>What the next record will be numbered.</summary>
    public ulong NextSequence => _active.NextSequence;

    /// <summary>Set when records were added.</summary>
    public Signal Added { get; } = new();

    /// <summary>Set when acknowledged segments were deleted.</summary>
    public Signal Freed { get; } = new();

    /// <summary>Set when more records were acknowledged.</summary>
    public Signal AcknowledgedMore { get; } = new();

    /// <summary>The epoch of the first record that is not acknowledged.</summary>
    public ulong EpochToShip
    {
        get
        {
            lock (_books)
                return (_segments.Find(segment => Unacknowledged(segment) > 0) ?? _active).Header.Epoch;
        }
    }

    /// <summary>Bytes that one entry should stay below.</summary>
    public int EntryBytesMax => Math.Min(_options.SegmentBytes, 1 << 20);

    /// <summary>False at the bound: writers wait for <see cref="Freed"/>.</summary>
    public bool HasRoom
    {
        get
        {
            lock (_books)
                return _segments.Sum(segment => segment.Length) + EntryBytesMax <= _options.BytesMax || WaitingRecords() == 0;
        }
    }

    /// <summary>Why nothing can be added now: the disk refused the latest write, or the bound is reached. Null while records are taken.</summary>
    public string? Trouble => _failure
        ?? (HasRoom ? null : $"The disk queue holds its limit of {_options.BytesMax} bytes; it waits for a gateway to take records.");

    internal bool IsWriterHeld => _writer.IsHeldByCurrentThread;

    /// <summary>Opens the queue in <paramref name="directory"/>, as the last run left it.</summary>
    /// <exception cref="SetupException">The folder cannot be written, or another agent has it.</exception>
    public static DiskQueue Open(string directory, QueueOptions options, TimeProvider time, ILogger<DiskQueue> logger) =>
        Open(directory, options, time, logger, BootId.Current);

    internal static DiskQueue Open(string directory, QueueOptions options, TimeProvider time, ILogger<DiskQueue> logger, ulong boot)
    {
        var owner = QueueOwner.Take(directory);
        QueueState? state = null;
        try
        {
            state = QueueState.Open(Path.Combine(directory, "state"));
            return new DiskQueue(directory, options, time, logger, owner, state, boot);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            state?.Dispose();
            owner.Dispose();
            throw new SetupException(
                $"The agent's data folder '{Path.GetFullPath(directory)}' cannot be used: {error.Message} " +
                "Give it read and write rights there, or another folder.", error);
        }
    }

    /// <summary>Starts an entry; the caller has the writer until it disposes the entry, on the same thread.</summary>
    public QueueEntry Begin()
    {
        _writer.Enter();
        if (_disposed)
        {
            _writer.Exit();
            throw new ObjectDisposedException(nameof(DiskQueue));
        }

        _entry.Open();
        return _entry;
    }

    /// <summary>How far each known file is read.</summary>
    public IReadOnlyList<FileMark> Marks()
    {
        lock (_writer)
            return [.. _marks.Values];
    }

    /// <summary>Reads from the first record that is not acknowledged.</summary>
    public QueueReader OpenReader() => new(this, _logger);

    /// <summary>Takes note that all records up to this one are safe elsewhere; whole segments go.</summary>
    public void Acknowledge(ulong epoch, ulong sequence)
    {
        List<QueueSegment>? done = null;
        lock (_books)
        {
            if ((epoch, sequence).CompareTo((_state.AckedEpoch, _state.AckedSequence)) <= 0)
                return;
            (_state.AckedEpoch, _state.AckedSequence) = (epoch, sequence);

            while (_segments.Count > 1 && IsAcknowledged(_segments[0]))
            {
                (done ??= []).Add(_segments[0]);
                _segments.RemoveAt(0);
            }
        }

        foreach (var segment in done ?? [])
            Remove(segment);
        if (done is not null)
            Freed.Set();
        AcknowledgedMore.Set();
    }

    /// <summary>The last record that is safe elsewhere.</summary>
    public (ulong Epoch, ulong Sequence) Acknowledged
    {
        get
        {
            lock (_books)
                return (_state.AckedEpoch, _state.AckedSequence);
        }
    }

    /// <summary>Records and, about, bytes that wait for an acknowledgement.</summary>
    public (ulong Records, long Bytes) Waiting
    {
        get
        {
            lock (_books)
            {
                long bytes = 0;
                foreach (var segment in _segments)
                {
                    var records = Unacknowledged(segment);
                    if (records > 0)
                        bytes += (long)(segment.Length * ((double)records / (segment.NextSequence - segment.Header.FirstSequence)));
                }

                return (WaitingRecords(), bytes);
            }
        }
    }

    /// <summary>Numbers for <paramref name="count"/> heartbeats, never given before in this epoch; returns the one before the first.</summary>
    public ulong ReserveHeartbeats(int count)
    {
        lock (_books)
        {
            var before = _state.HeartbeatsReserved;
            _state.HeartbeatsReserved += (ulong)count;
            _state.Save(flush: false);
            return before;
        }
    }

    /// <summary>Brings what is written to the disk itself, and the acknowledged position with it.</summary>
    /// <exception cref="IOException">The disk did not take it.</exception>
    public void Flush()
    {
        lock (_writer)
        {
            if (_disposed)
                return;
            if (_unflushed)
                RandomAccess.FlushToDisk(_file);
            _unflushed = false;
            lock (_books)
                _state.Save(flush: false);
        }
    }

    /// <summary>Flushes and lets the folder go.</summary>
    public void Dispose()
    {
        lock (_writer)
        {
            if (_disposed)
                return;
            try
            {
                RandomAccess.FlushToDisk(_file);
                _state.IsClean = true;
                _state.Save(flush: true);
            }
            catch (IOException error)
            {
                FlushFailed(error, _directory);
            }

            _disposed = true;
            _file.Dispose();
            _state.Dispose();
            _owner.Dispose();
        }
    }

    internal void End() => _writer.Exit();

    /// <summary>Appends a sealed entry. The caller holds the writer.</summary>
    internal void Write(ReadOnlySpan<byte> entry, int count, List<FileMark> moved, List<uint> forgotten)
    {
        var active = _active;
        try
        {
            RandomAccess.Write(_file, entry, active.Length);
        }
        catch (IOException error)
        {
            // A disk that filled up half-way has taken a part; recovery would call it damage if a shorter entry followed.
            RandomAccess.SetLength(_file, active.Length);
            var failure = new QueueWriteException(active.Path, error);
            _failure = failure.Message;
            throw failure;
        }

        _unflushed = true;
        _failure = null;
        foreach (var mark in moved)
            _marks[mark.Id] = mark;
        foreach (var file in forgotten)
            _marks.Remove(file);
        lock (_books)
        {
            active.NextSequence += (ulong)count;
            active.Length += entry.Length;
        }

        if (active.Length >= _options.SegmentBytes && active.HasRecords)
            TryRoll();
        if (count > 0)
            Added.Set();
    }

    /// <summary>The segment at or after <paramref name="number"/>; null past the last.</summary>
    internal QueueSegment? SegmentFrom(long number)
    {
        lock (_books)
            return _segments.Find(segment => segment.Header.Number >= number);
    }

    /// <summary>True while entries are still added to this segment.</summary>
    internal bool IsActive(QueueSegment segment) => Volatile.Read(ref _active) == segment;

    /// <summary>Gives a segment up from a place on: it is set aside when its turn to be deleted comes, and never written again.</summary>
    internal void GiveUp(QueueSegment segment)
    {
        lock (_writer)
        {
            if (segment.IsDamaged || _disposed)
                return;
            segment.IsDamaged = true;
            if (_active == segment)
                Roll();
        }
    }

    private SafeFileHandle GoOn()
    {
        var active = _segments[^1];
        var file = File.OpenHandle(active.Path, FileMode.Open, FileAccess.ReadWrite, FileShare.Read | FileShare.Delete);
        RandomAccess.SetLength(file, active.Length);
        return file;
    }

    private SafeFileHandle BeginEpoch()
    {
        var before = Math.Max(_segments.Count == 0 ? 0 : _segments[^1].Header.Epoch, _state.AckedEpoch);
        var epoch = Math.Max((ulong)_time.GetUtcNow().ToUnixTimeMilliseconds(), before + 1);
        if (_segments.Count > 0)
            GoOn().Dispose();
        return Create(epoch, firstSequence: 1);
    }

    // The entry before is written and counted: that the next segment cannot be made yet is no fault of its writer.
    private void TryRoll()
    {
        try
        {
            Roll();
        }
        catch (IOException error)
        {
            RollFailed(error, _active.Path);
        }
    }

    // Flushed before the next begins: recovery reads the last segment and trusts those before it.
    private void Roll()
    {
        RandomAccess.FlushToDisk(_file);
        var file = Create(_active.Header.Epoch, _active.NextSequence);
        _file.Dispose();
        _file = file;
        _unflushed = false;
        lock (_books)
            Volatile.Write(ref _active, _segments[^1]);
    }

    // Made whole under another name first: a segment that is there has a header and all positions.
    private SafeFileHandle Create(ulong epoch, ulong firstSequence)
    {
        var header = new SegmentHeader(_nextNumber, epoch, firstSequence);
        var content = new ByteBuffer();
        header.WriteTo(content);
        var entry = new ByteBuffer();
        EntryFrame.Open(entry);
        entry.Byte(EntryFrame.ForgetAll);
        foreach (var mark in _marks.Values)
        {
            entry.Byte(EntryFrame.Mark);
            mark.WriteTo(entry);
        }

        EntryFrame.Seal(entry, firstSequence, records: 0, recordBytes: 0);
        content.Bytes(entry.Span);

        var path = QueueSegment.PathOf(_directory, header.Number);
        var unfinished = path + ".new";
        using (var made = File.OpenHandle(unfinished, FileMode.Create, FileAccess.Write))
        {
            RandomAccess.Write(made, content.Span, 0);
            RandomAccess.FlushToDisk(made);
        }

        File.Move(unfinished, path, overwrite: true);
        var file = File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite, FileShare.Read | FileShare.Delete);
        _nextNumber++;
        lock (_books)
            _segments.Add(new QueueSegment(path, header) { Length = content.Length });
        return file;
    }

    private void Remove(QueueSegment segment)
    {
        try
        {
            if (segment.IsDamaged)
                QueueRecovery.SetAside(_directory, segment.Path, copy: false);
            else
                File.Delete(segment.Path);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            DeleteFailed(error, segment.Path);
        }
    }

    private bool IsAcknowledged(QueueSegment segment) => Unacknowledged(segment) == 0;

    private ulong WaitingRecords()
    {
        ulong records = 0;
        foreach (var segment in _segments)
            records += Unacknowledged(segment);
        return records;
    }

    private ulong Unacknowledged(QueueSegment segment)
    {
        var first = segment.Header.FirstSequence;
        var acked = segment.Header.Epoch.CompareTo(_state.AckedEpoch) switch
        {
            < 0 => segment.NextSequence - 1,
            0 => Math.Clamp(_state.AckedSequence, first - 1, segment.NextSequence - 1),
            _ => first - 1,
        };
        return segment.NextSequence - 1 - acked;
    }

    [LoggerMessage(23, LogLevel.Warning, "Queue segment {Path} is acknowledged but cannot be deleted; it is tried again at the next start.")]
    private partial void DeleteFailed(Exception error, string path);

    [LoggerMessage(26, LogLevel.Warning, "Queue segment {Path} is full, but the next cannot be begun; it grows until that works.")]
    private partial void RollFailed(Exception error, string path);

    [LoggerMessage(24, LogLevel.Error, "The queue in {Directory} could not be flushed at the end; the next start goes on from what the disk holds.")]
    private partial void FlushFailed(Exception error, string directory);
}
