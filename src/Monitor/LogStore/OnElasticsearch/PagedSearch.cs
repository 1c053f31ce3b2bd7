using System.Text.Json.Nodes;
using Elasticsearch;
using Polly;
using Polly.Retry;

namespace Monitor.LogStore.OnElasticsearch;

/// <summary>Reads what a search finds, a page at a time, in (time, row) order: bounded in documents and in bytes.</summary>
/// <remarks>
/// Each page is a search of its own that goes on after the last key: nothing stays open on the server, and documents that come meanwhile change
/// nothing about the pages before.
/// </remarks>
internal sealed class PagedSearch(
    ElasticsearchClient client, ResiliencePipeline patience, string indexes, Func<LogKey?, int, JsonObject> body, LogKey? after)
{
    private const int PageMax = 500;
    private const int PageBytesMax = 16 << 20;

    // One record may be as large as Kafka takes them, and JSON may need six bytes for one.
    private const int OneBytesMax = 64 << 20;

    // About a second and a half in all: somebody waits for the answer.
    private const int RepetitionsMax = 4;
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(100);

    private int _pageMax = PageMax;
    private LogKey? _after = after;

    /// <summary>Whether there is nothing left to find.</summary>
    public bool Ended { get; private set; }

    /// <summary>
    /// How often a search is repeated that the server puts off: it is busy, or an index that was made this moment has not yet begun to answer.
    /// </summary>
    public static ResiliencePipeline Patience(TimeProvider time) => new ResiliencePipelineBuilder { TimeProvider = time }
        .AddRetry(new RetryStrategyOptions
        {
            ShouldHandle = new PredicateBuilder().Handle<ElasticsearchException>(e => e is { Kind: ElasticsearchErrorKind.Unavailable, Status: > 0 }),
            MaxRetryAttempts = RepetitionsMax,
            Delay = FirstPause,
            BackoffType = DelayBackoffType.Exponential,
        })
        .Build();

    /// <summary>Reads the next page.</summary>
    /// <param name="wanted">Documents that are wanted at most; the page may hold fewer.</param>
    /// <param name="read">Reads a document and its key.</param>
    /// <param name="cancellation">Ends it.</param>
    public async Task<IReadOnlyList<T>> ReadAsync<T>(int wanted, Func<SearchHit, (T, LogKey)> read, CancellationToken cancellation)
    {
        while (true)
        {
            var size = Math.Min(wanted, _pageMax);
            try
            {
                var hits = await patience.ExecuteAsync(
                    async token => await client.SearchAsync(indexes, body(_after, size), size == 1 ? OneBytesMax : PageBytesMax, token).ConfigureAwait(false),
                    cancellation).ConfigureAwait(false);
                Ended = hits.Count < size;
                var page = new List<T>(hits.Count);
                foreach (var hit in hits)
                {
                    var (document, key) = read(hit);
                    page.Add(document);
                    _after = key;
                }

                return page;
            }
            catch (ElasticsearchException tooMuch) when (tooMuch.Kind == ElasticsearchErrorKind.AnswerTooLarge && size > 1)
            {
                _pageMax = Math.Max(1, size / 8);
            }
        }
    }
}
