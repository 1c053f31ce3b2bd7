using Google.Protobuf;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using NodeAgent.Queue;
using Streams.Contracts.V1;

namespace NodeAgent.Logging;

/// <summary>Moves a service's log records into the disk queue, as many at a time as are there.</summary>
internal sealed partial class LogPump(
    LogIntake intake, DiskQueue queue, AgentMetrics metrics, AgentOptions options, TimeProvider time, ILogger<LogPump> logger) : BackgroundService
{
    private static readonly TimeSpan RetryDelay = TimeSpan.FromSeconds(1);

    private readonly List<LogRecord> _taken = [];
    private bool _isFailing;

    // Its own loop ends when the intake is empty, not with the host's token: the last words of a service count.
    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        intake.Complete();
        if (ExecuteTask is { } running)
            await running.WaitAsync(options.DrainTimeout, time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await base.StopAsync(cancellationToken);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            while (await intake.Records.WaitToReadAsync(stoppingToken))
            {
                var freed = queue.Freed.Arm();
                if (!queue.HasRoom)
                    await freed.WaitAsync(RetryDelay, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                else if (!Move())
                    await Task.Delay(RetryDelay, time, stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            var lost = intake.Records.Count + _taken.Count;
            if (lost > 0)
                metrics.Drop(lost, "stopped");
        }
    }

    private bool Move()
    {
        using var entry = queue.Begin();
        foreach (var record in _taken)
            entry.Add(record.ToByteArray());
        while (entry.Length < queue.EntryBytesMax && intake.Records.TryRead(out var record))
        {
            intake.Took(record);
            _taken.Add(record);
            entry.Add(record.ToByteArray());
        }

        try
        {
            entry.Commit();
        }
        catch (QueueWriteException error)
        {
            if (!_isFailing)
                CannotWrite(error.Message);
            _isFailing = true;
            return false;
        }

        metrics.Read(_taken.Count, 0);
        _taken.Clear();
        _isFailing = false;
        return true;
    }

    [LoggerMessage(34, LogLevel.Error, "{Message} The service's log records wait in memory, up to the bound of Logger:BufferRecordsMax; trying on.")]
    private partial void CannotWrite(string message);
}
