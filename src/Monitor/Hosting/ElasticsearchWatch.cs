using Microsoft.Extensions.Hosting;
using Monitor.LogStore.OnElasticsearch;

namespace Monitor.Hosting;

/// <summary>Prepares Elasticsearch as soon as it answers, and looks now and then whether it still does: where nothing is to be stored, nobody else would know.</summary>
internal sealed class ElasticsearchWatch(ElasticsearchLogStore store, TimeProvider time) : BackgroundService
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(10);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var pause = FirstPause;
        while (true)
        {
            var answers = await store.TryPrepareAsync(stoppingToken).ConfigureAwait(false);
            pause = answers || pause * 2 > LongestPause ? LongestPause : pause * 2;
            await Task.Delay(pause, time, stoppingToken).ConfigureAwait(false);
        }
    }
}
