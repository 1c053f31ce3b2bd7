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
        // A store that is away is said once, as by whoever writes to it; not each minute for as long as it lasts.
        var isAway = false;
        using var timer = new PeriodicTimer(options.Store.SweepInterval, time);
        while (await timer.WaitForNextTickAsync(stoppingToken).ConfigureAwait(false))
        {
            try
            {
                await store.SweepAsync(stoppingToken).ConfigureAwait(false);
                isAway = false;
            }
            catch (Exception error) when (error is SqliteException or StoreUnavailableException)
            {
                NotSwept(isAway ? LogLevel.Debug : LogLevel.Warning, error.Message);
                isAway = true;
            }
        }
    }

    [LoggerMessage(EventId = 40, Message = "Old logs could not be dropped: {Reason} The next sweep tries again.")]
    private partial void NotSwept(LogLevel level, string reason);
}
