using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace NodeAgent.Queue;

/// <summary>Brings the queue to the disk itself at intervals: the most that a power cut can take back.</summary>
internal sealed partial class QueueFlusher(DiskQueue queue, AgentOptions options, TimeProvider time, ILogger<QueueFlusher> logger) : BackgroundService
{
    private bool _isFailing;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(options.Queue.FlushInterval, time);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
                Flush();
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The queue flushes once more when it is disposed.
        }
    }

    private void Flush()
    {
        try
        {
            queue.Flush();
            _isFailing = false;
        }
        catch (IOException error)
        {
            if (!_isFailing)
                CannotFlush(error.Message);
            _isFailing = true;
        }
    }

    [LoggerMessage(27, LogLevel.Error, "The queue cannot be flushed to disk: {Message} A power cut now could lose or repeat what it holds; trying on.")]
    private partial void CannotFlush(string message);
}
