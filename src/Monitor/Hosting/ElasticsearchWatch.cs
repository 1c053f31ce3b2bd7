using Microsoft.Extensions.Hosting;
using Monitor.LogStore.OnElasticsearch;

namespace Monitor.Hosting;

/// <summary>Prepares Elasticsearch at the start, as soon as it answers.</summary>
internal sealed class ElasticsearchWatch(ElasticsearchLogStore store, TimeProvider time) : BackgroundService
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(10);

    // Once prepared, the store looks after itself: it has documents to send.
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        for (var pause = FirstPause; !await store.TryPrepareAsync(stoppingToken).ConfigureAwait(false); pause = pause * 2 < LongestPause ? pause * 2 : LongestPause)
            await Task.Delay(pause, time, stoppingToken).ConfigureAwait(false);
    }
}
