using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using NodeAgent.Queue;

namespace NodeAgent.Tail;

/// <summary>Reads files when the system says that they changed, and looks for new ones at intervals. Pauses while the queue is full.</summary>
internal sealed partial class TailService(
    Tailer tailer, DiskQueue queue, AgentOptions options, TimeProvider time, ILogger<TailService> logger) : BackgroundService
{
    /// <summary>A lone line is read at once; under a steady stream of notices, lines gather this long.</summary>
    private static readonly TimeSpan PauseMin = TimeSpan.FromMilliseconds(5);

    private static readonly TimeSpan RetryDelay = TimeSpan.FromSeconds(1);

    private readonly ReadOptions _options = options.Read;
    private bool _isFull;
    private bool _isFailing;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await Task.Yield();
        using var watch = new ChangeWatch(logger);
        tailer.Resume();
        long? looked = null;
        long? read = null;
        while (!stoppingToken.IsCancellationRequested)
        {
            var changed = watch.Changed.Arm();
            var freed = queue.Freed.Arm();
            if (watch.TakeListWanted() || looked is null || time.GetElapsedTime(looked.Value) >= _options.ScanInterval)
            {
                looked = time.GetTimestamp();
                if (!Attempt(tailer.Look))
                    continue;
                watch.Watch(tailer.Folders);
            }

            if (read is not null && time.GetElapsedTime(read.Value) is var since && since < PauseMin)
                await Task.Delay(PauseMin - since, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            read = time.GetTimestamp();
            var more = false;
            var written = Attempt(() => more = tailer.ReadOnce());
            NoteRoom();
            if (written && more && queue.HasRoom)
            {
                read = null;
                continue;
            }

            var wait = written ? Wait(looked.Value, watch.IsComplete) : RetryDelay;
            await (queue.HasRoom ? changed : freed).WaitAsync(wait, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private TimeSpan Wait(long looked, bool watched)
    {
        var wait = _options.ScanInterval - time.GetElapsedTime(looked);
        if (!watched && _options.PollInterval < wait)
            wait = _options.PollInterval;
        if (queue.HasRoom && tailer.PartialDue() is { } due && due < wait)
            wait = due;
        return wait > TimeSpan.FromMilliseconds(1) ? wait : TimeSpan.FromMilliseconds(1);
    }

    private bool Attempt(Action step)
    {
        try
        {
            step();
            if (_isFailing)
                WritingAgain();
            _isFailing = false;
            return true;
        }
        catch (QueueWriteException error)
        {
            if (!_isFailing)
                CannotWrite(error.Message);
            _isFailing = true;
            return false;
        }
    }

    private void NoteRoom()
    {
        if (queue.HasRoom == !_isFull)
            return;
        _isFull = !_isFull;
        if (_isFull)
            QueueFull(options.Queue.BytesMax);
        else
            RoomAgain();
    }

    [LoggerMessage(30, LogLevel.Warning, "The disk queue holds {BytesMax} bytes, which is its bound (Queue:BytesMax): reading files pauses until a gateway takes records. Nothing is lost while the files stay.")]
    private partial void QueueFull(long bytesMax);

    [LoggerMessage(31, LogLevel.Information, "The disk queue has room again: reading files goes on.")]
    private partial void RoomAgain();

    [LoggerMessage(32, LogLevel.Error, "{Message} Reading pauses and tries again every second; nothing is lost while the files stay.")]
    private partial void CannotWrite(string message);

    [LoggerMessage(33, LogLevel.Information, "The queue can be written again: reading goes on.")]
    private partial void WritingAgain();
}
