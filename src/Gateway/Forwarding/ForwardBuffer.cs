using Fluentd;

namespace Gateway.Forwarding;

/// <summary>
/// Events that wait for Fluentd: a chunk being filled for each tag, full ones in order, and those sent and not acknowledged. Full means
/// that <see cref="TryAppend"/> says so; the caller drops or waits.
/// </summary>
internal sealed class ForwardBuffer(string[] tags, FluentdOptions options, TimeProvider time)
{
    // Most events come in streams of a few kilobytes a second: start small, and with what the tag's last chunk came to.
    private const int ChunkBytesAtFirst = 32 << 10;

    // So that a whole message keeps to the limit, and with it to a buffer of that size.
    private readonly int _entryBytesMax = options.ChunkBytesMax - Chunk.OverheadBytesMax;
    private readonly Lock _gate = new();
    private readonly PendingChunk?[] _filling = new PendingChunk?[tags.Length];
    private readonly int[] _expectedBytes = new int[tags.Length];
    private readonly Queue<PendingChunk> _full = new();
    private readonly List<PendingChunk> _sent = [];
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private TaskCompletionSource _hasRoom = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long _bytes;
    private long _records;
    private bool _isFlushing;

    /// <summary>Records that wait, sent ones included.</summary>
    public long Records => Interlocked.Read(ref _records);

    /// <summary>Bytes that wait, sent ones included.</summary>
    public long Bytes => Interlocked.Read(ref _bytes);

    /// <summary>Adds an event, unless that would exceed a bound. An empty buffer takes whatever there is.</summary>
    public bool TryAppend(int tag, ReadOnlySpan<byte> entry, ForwardReceipt? receipt)
    {
        lock (_gate)
        {
            if (!HasRoom(entry.Length))
                return false;

            var chunk = _filling[tag];
            var isNews = chunk is null;
            if (chunk is not null && chunk.Chunk.Bytes + entry.Length > _entryBytesMax)
            {
                SealFilling(tag);
                (chunk, isNews) = (null, true);
            }

            chunk ??= _filling[tag] = new PendingChunk(new Chunk(tags[tag], ExpectedBytes(tag)), time.GetTimestamp());
            chunk.Add(entry, receipt);
            Interlocked.Add(ref _bytes, entry.Length);
            Interlocked.Increment(ref _records);
            if (chunk.Chunk.Bytes >= _entryBytesMax)
            {
                SealFilling(tag);
                isNews = true;
            }

            if (isNews)
                Signal(ref _changed);
            return true;
        }
    }

    /// <summary>Waits until the buffer has, or may have, room for an event of so many bytes.</summary>
    public Task WaitForRoomAsync(int bytes, CancellationToken cancellation)
    {
        lock (_gate)
            return HasRoom(bytes) ? Task.CompletedTask : _hasRoom.Task.WaitAsync(cancellation);
    }

    /// <summary>The next chunk to send, once it is full or has waited for company long enough and few enough are unacknowledged.</summary>
    public async Task<PendingChunk> NextAsync(CancellationToken cancellation)
    {
        while (true)
        {
            Task changed;
            TimeSpan wait;
            lock (_gate)
            {
                if (TryTake(out var chunk, out wait))
                    return chunk;
                changed = _changed.Task;
            }

            if (wait == Timeout.InfiniteTimeSpan)
            {
                await changed.WaitAsync(cancellation).ConfigureAwait(false);
                continue;
            }

            using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
            await Task.WhenAny(changed, Task.Delay(wait, time, either.Token)).ConfigureAwait(false);
            await either.CancelAsync().ConfigureAwait(false);
            cancellation.ThrowIfCancellationRequested();
        }
    }

    /// <summary>A chunk was acknowledged: it leaves the buffer, and its batches are told.</summary>
    /// <returns>False where no such chunk is on its way.</returns>
    public bool TryAcknowledge(string id, out int records, out long sentAt)
    {
        lock (_gate)
        {
            (records, sentAt) = (0, 0);
            var at = _sent.FindIndex(sent => sent.Chunk.Id == id);
            if (at < 0)
                return false;

            var chunk = _sent[at];
            (records, sentAt) = (chunk.Chunk.Records, chunk.SentAt);
            _sent.RemoveAt(at);
            chunk.Acknowledge();
            Forget(chunk);
            return true;
        }
    }

    /// <summary>All bytes of a chunk have been handed to the connection.</summary>
    public void Sent(PendingChunk chunk)
    {
        lock (_gate)
            chunk.IsBeingSent = false;
    }

    /// <summary>When the chunk that was sent first, of those unacknowledged, was sent; null where there is none.</summary>
    public long? OldestSentAt
    {
        get
        {
            lock (_gate)
                return _sent.Count > 0 ? _sent[0].SentAt : null;
        }
    }

    /// <summary>The connection is lost: what was sent and not acknowledged is to be sent again, before everything else.</summary>
    /// <param name="giveUp">Whether a chunk is dropped instead.</param>
    /// <returns>How many records are sent again, and how many were dropped.</returns>
    public (int Again, int Dropped) TakeBack(Func<PendingChunk, bool> giveUp)
    {
        lock (_gate)
        {
            var (again, dropped) = (0, 0);
            var waiting = _full.ToArray();
            _full.Clear();
            foreach (var chunk in _sent)
            {
                chunk.IsBeingSent = false;
                if (giveUp(chunk))
                {
                    dropped += chunk.Chunk.Records;
                    Forget(chunk);
                    continue;
                }

                again += chunk.Chunk.Records;
                _full.Enqueue(chunk);
            }

            _sent.Clear();
            foreach (var chunk in waiting)
                _full.Enqueue(chunk);
            Signal(ref _changed);
            return (again, dropped);
        }
    }

    /// <summary>From now on nothing waits for company.</summary>
    public void Flush()
    {
        lock (_gate)
        {
            _isFlushing = true;
            Signal(ref _changed);
        }
    }

    /// <summary>Waits until nothing is left.</summary>
    public async Task WaitUntilEmptyAsync(CancellationToken cancellation)
    {
        while (true)
        {
            Task changed;
            lock (_gate)
            {
                if (_records == 0)
                    return;
                changed = _hasRoom.Task;
            }

            await changed.WaitAsync(cancellation).ConfigureAwait(false);
        }
    }

    private bool TryTake(out PendingChunk taken, out TimeSpan wait)
    {
        (taken, wait) = (null!, Timeout.InfiniteTimeSpan);
        if (_sent.Count >= options.UnacknowledgedChunksMax)
            return false;

        if (_full.Count == 0)
        {
            for (var tag = 0; tag < _filling.Length; tag++)
            {
                if (_filling[tag] is not { } chunk)
                    continue;

                var left = _isFlushing ? TimeSpan.Zero : options.FlushInterval - time.GetElapsedTime(chunk.OpenedAt);
                if (left <= TimeSpan.Zero)
                    SealFilling(tag);
                else if (wait == Timeout.InfiniteTimeSpan || left < wait)
                    wait = left;
            }
        }

        if (!_full.TryDequeue(out taken!))
            return false;
        taken.SentAt = time.GetTimestamp();
        taken.Attempts++;
        taken.IsBeingSent = true;
        _sent.Add(taken);
        return true;
    }

    private void SealFilling(int tag)
    {
        var chunk = _filling[tag]!;
        chunk.Chunk.Seal();
        _expectedBytes[tag] = chunk.Chunk.Message.Length;
        _full.Enqueue(chunk);
        _filling[tag] = null;
    }

    private int ExpectedBytes(int tag) => Math.Min(Math.Max(_expectedBytes[tag], ChunkBytesAtFirst), options.ChunkBytesMax);

    private bool HasRoom(int bytes) =>
        _records == 0 || (_records < options.BufferRecordsMax && _bytes + bytes <= options.BufferBytesMax);

    private void Forget(PendingChunk chunk)
    {
        Interlocked.Add(ref _bytes, -chunk.Chunk.Bytes);
        Interlocked.Add(ref _records, -chunk.Chunk.Records);

        // A server that acknowledges what it cannot have read yet must not have its buffer given to someone else.
        if (!chunk.IsBeingSent)
            chunk.Chunk.Dispose();
        Signal(ref _changed);
        Signal(ref _hasRoom);
    }

    private static void Signal(ref TaskCompletionSource signal)
    {
        var was = signal;
        signal = new(TaskCreationOptions.RunContinuationsAsynchronously);
        was.TrySetResult();
    }
}
