namespace Broker.Log;

/// <summary>Has every log look for what it no longer needs to keep, at its own pace.</summary>
internal sealed class RetentionSweep(Func<IEnumerable<PartitionLog>> logs, TimeSpan interval, TimeSpan producerIdExpiration, TimeProvider time)
{
    public async Task RunAsync(CancellationToken stopping)
    {
        using var timer = new PeriodicTimer(interval, time);
        try
        {
            while (await timer.WaitForNextTickAsync(stopping).ConfigureAwait(false))
            {
                foreach (var log in logs())
                    log.Sweep(time.GetUtcNow(), producerIdExpiration);
            }
        }
        catch (OperationCanceledException)
        {
            // The broker stops.
        }
    }
}
