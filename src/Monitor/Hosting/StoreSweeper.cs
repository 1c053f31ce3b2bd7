using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Monitor.LogStore;

namespace Monitor.Hosting;

/// <summary>Keeps the log store within its age and size, at its own pace.</summary>
internal sealed partial class StoreSweeper(ILogStore store, MonitorOptions options, TimeProvider time, ILogger<StoreSweeper> logger) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(options.Store.SweepInterval, time);
        while (await timer.WaitForNextTickAsync(stoppingToken).ConfigureAwait(false))
        {
            try
            {
                await store.SweepAsync(stoppingToken).ConfigureAwait(false);
            }
            catch (Exception error) when (error is SqliteException or StoreUnavailableException)
            {
                NotSwept(error.Message);
            }
        }
    }

    [LoggerMessage(40, LogLevel.Warning, "Old logs could not be dropped: {Reason} The next sweep tries again.")]
    private partial void NotSwept(string reason);
}
