using System.Diagnostics.Metrics;
using Microsoft.Extensions.Logging;
using Monitor.LogStore;
using Monitor.LogStore.OnElasticsearch;

namespace Monitor.Tests.LogStore;

/// <summary>A store on an Elasticsearch, with indexes of its own that are gone with the test.</summary>
internal sealed class ElasticsearchStoreFixture : StoreUnderTest
{
    private readonly Meter _meter = new("Streams.Monitor.Tests");

    public ElasticsearchStoreFixture(string url, Action<ElasticsearchStoreOptions>? set = null, int retentionDays = 7, TimeProvider? time = null)
    {
        var own = $"t{Guid.NewGuid():N}";
        Options = new()
        {
            Urls = [url],
            IndexPattern = $"{own}-{{nature}}-{{day}}",
            TemplateName = own,
            FirstPause = TimeSpan.FromMilliseconds(5),
            LongestPause = TimeSpan.FromMilliseconds(50),
            // Nothing is sent but what a test sends.
            Linger = TimeSpan.Zero,
        };
        set?.Invoke(Options);
        (RetentionDays, Time) = (retentionDays, time ?? TimeProvider.System);
        Elasticsearch = Open();
    }

    public ElasticsearchStoreOptions Options { get; }

    public int RetentionDays { get; }

    public TimeProvider Time { get; }

    public CollectingLogger<ElasticsearchLogStore> Log { get; } = new();

    public CollectingDeadLetters DeadLetters { get; } = new();

    public ElasticsearchLogStore Elasticsearch { get; private set; }

    public override ILogStore Store => Elasticsearch;

    public string AllIndexes => Options.IndexPattern.Replace("{nature}-{day}", "*", StringComparison.Ordinal);

    public ElasticsearchLogStore Open() => new(Options, RetentionDays, DeadLetters, Time, new StoreMetrics(_meter), new SinkMetrics(_meter), Log);

    public override void Reopen()
    {
        Elasticsearch.Dispose();
        Elasticsearch = Open();
    }

    public override Task RefreshAsync() => Elasticsearch.RefreshAsync(default);

    public override async ValueTask DisposeAsync()
    {
        Elasticsearch.Dispose();
        _meter.Dispose();
        using var client = new global::Elasticsearch.ElasticsearchClient(Options, TimeProvider.System);
        try
        {
            foreach (var index in await client.ListIndexesAsync(AllIndexes, default))
                await client.DeleteIndexAsync(index.Name, default);
        }
        catch (global::Elasticsearch.ElasticsearchException)
        {
            // The server of the test is gone, or a fake: there is nothing to tidy.
        }
    }
}

/// <summary>Keeps dead letters.</summary>
internal sealed class CollectingDeadLetters : IDeadLetters
{
    private readonly List<RefusedRecord> _records = [];

    public IReadOnlyList<RefusedRecord> Records
    {
        get
        {
            lock (_records)
                return [.. _records];
        }
    }

    public Task SendAsync(IReadOnlyList<RefusedRecord> records, CancellationToken cancellation)
    {
        lock (_records)
            _records.AddRange(records);
        return Task.CompletedTask;
    }
}
