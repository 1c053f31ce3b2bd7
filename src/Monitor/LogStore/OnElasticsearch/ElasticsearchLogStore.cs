using System.Runtime.CompilerServices;
using System.Text.Json.Nodes;
using Elasticsearch;
using Microsoft.Extensions.Logging;
using Polly;
using Streams;
using Streams.Contracts.V1;

namespace Monitor.LogStore.OnElasticsearch;

/// <summary>The log store of a fleet: Elasticsearch, over HTTP.</summary>
/// <remarks>
/// <para>A document's id is its record's, and it is only created where it is not there: what is sent again, after a cut connection or by a
/// monitor that reads a record again, changes nothing. Alerts have an end; the versions of their two documents say which one counts.</para>
/// <para>The index narrows a search, a comparison decides it: trigrams find a superset of the messages that contain a text, as they do in the
/// embedded store, so that both find the same.</para>
/// </remarks>
internal sealed partial class ElasticsearchLogStore : IRemoteLogStore
{
    // Filters may leave little of a page: asking for a few more documents is cheaper than asking again.
    private const int PageMin = 100;

    private readonly ElasticsearchClient _client;
    private readonly ElasticsearchStoreOptions _options;
    private readonly IndexNames _names;
    private readonly IndexSetup _setup;
    private readonly BulkSender _sender;
    private readonly BulkQueue _queue;
    private readonly ResiliencePipeline _patience;
    private readonly IDeadLetters _deadLetters;
    private readonly int _retentionDays;
    private readonly TimeProvider _time;
    private readonly StoreMetrics _stored;
    private readonly SinkMetrics _sink;
    private readonly ILogger<ElasticsearchLogStore> _logger;
    private volatile string? _waiting;
    private bool _isDisposed;

    /// <summary>Makes the store. It connects with the first document or search.</summary>
    /// <param name="options">The server, and the store's bounds.</param>
    /// <param name="retentionDays">Days after which an index goes; 0 for never.</param>
    /// <param name="deadLetters">Where documents go that the server will never take.</param>
    /// <param name="time">The clock.</param>
    /// <param name="stored">Told what was stored.</param>
    /// <param name="sink">Told how the storing goes.</param>
    /// <param name="logger">Told of outages.</param>
    /// <exception cref="ElasticsearchException">A certificate or key cannot be read; the message names the file.</exception>
    public ElasticsearchLogStore(
        ElasticsearchStoreOptions options,
        int retentionDays,
        IDeadLetters deadLetters,
        TimeProvider time,
        StoreMetrics stored,
        SinkMetrics sink,
        ILogger<ElasticsearchLogStore> logger)
    {
        (_options, _retentionDays, _deadLetters, _time, _stored, _sink, _logger) = (options, retentionDays, deadLetters, time, stored, sink, logger);
        _client = new(options, time);
        _names = new(options.IndexPattern);
        _setup = new(_client, options, _names, retentionDays, logger);
        // Monitors that were started together shall not come back together.
        _sender = new(_client, options, Environment.ProcessId ^ Environment.MachineName.GetHashCode(StringComparison.Ordinal), time, logger);
        _patience = PagedSearch.Patience(time);
        _queue = new(options, ShipAsync, time, sink);
        _waiting = $"Elasticsearch at {_client.Address} has not answered yet.";
    }

    public string? Waiting => _waiting;

    /// <summary>Looks for the server, and prepares it where it was away; says so in the log where it does not answer.</summary>
    /// <returns>Whether it is ready.</returns>
    public async Task<bool> TryPrepareAsync(CancellationToken cancellation)
    {
        try
        {
            if (_waiting is null)
                await WatchedAsync(() => _client.GetInfoAsync(cancellation)).ConfigureAwait(false);
            else
                await PrepareAsync(anew: true, cancellation).ConfigureAwait(false);
            return true;
        }
        catch (ElasticsearchException)
        {
            return false;
        }
    }

    public void Add(in LogDocument document) => _queue.Add(new LogBulkDocument(document, _names, NowMs));

    public void Add(in AlertDocument document) => _queue.Add(new AlertBulkDocument(document, _names, NowMs));

    public void Add(string id, Heartbeat beat, RecordMetadata source, long recordMs) =>
        _queue.Add(new HeartbeatBulkDocument(id, beat, source, recordMs, _names));

    public void Add(string id, NodeEvent change, RecordMetadata source, long recordMs) =>
        _queue.Add(new NodeEventBulkDocument(id, change, source, recordMs, _names));

    public void Flush() => _queue.Flush();

    public void GiveUp() => _queue.GiveUp();

    public async IAsyncEnumerable<FoundLog> SearchAsync(LogQuery query, [EnumeratorCancellation] CancellationToken cancellation)
    {
        var match = new LogMatch(query);
        var search = new PagedSearch(_client, _patience, _names.Logs, (after, size) => LogSearchBody.Of(query, after, size), query.After);
        var remaining = query.Limit;
        while (!search.Ended && remaining > 0)
        {
            foreach (var log in await AskAsync(search, Math.Max(remaining, PageMin), ReadLog, cancellation).ConfigureAwait(false))
            {
                if (!match.Holds(log.Record))
                    continue;

                yield return log;
                if (--remaining == 0)
                    break;
            }
        }
    }

    public async IAsyncEnumerable<Alert> ListAlertsAsync(AlertQuery query, [EnumeratorCancellation] CancellationToken cancellation)
    {
        var search = new PagedSearch(_client, _patience, _names.Alerts, (after, size) => LogSearchBody.Ordered(Filters(query), "desc", after, size), after: null);
        var remaining = query.Limit == 0 ? int.MaxValue : query.Limit;
        while (!search.Ended && remaining > 0)
        {
            var page = await AskAsync(search, remaining, AlertJson.Read, cancellation).ConfigureAwait(false);
            remaining -= page.Count;
            foreach (var alert in page)
                yield return alert;
        }
    }

    public async Task<long> SweepAsync(CancellationToken cancellation)
    {
        // Where the server manages lifecycles, or nobody knows yet, there is nothing to do here.
        if (_retentionDays == 0 || (_options.InstallTemplate && _setup.HasLifecycles != false))
            return 0;

        try
        {
            return await DropOldAsync(cancellation).ConfigureAwait(false);
        }
        catch (ElasticsearchException refusal)
        {
            throw Unavailable(refusal);
        }
    }

    public void Dispose()
    {
        // The container knows this under two names, and disposes both.
        if (Interlocked.Exchange(ref _isDisposed, true))
            return;

        _queue.Dispose();
        _setup.Dispose();
        _client.Dispose();
    }

    /// <summary>Makes everything stored findable at once: for tests, which do not wait a second.</summary>
    internal Task RefreshAsync(CancellationToken cancellation) => _client.RefreshAsync(string.Join(',', _names.Patterns), cancellation);

    private long NowMs => _time.GetUtcNow().ToUnixTimeMilliseconds();

    private async Task ShipAsync(Shipment shipment, CancellationToken cancellation)
    {
        var started = _time.GetTimestamp();
        var outcome = await _sender.SendAsync(shipment.Batch, PrepareAsync, cancellation).ConfigureAwait(false);
        _waiting = null;
        if (outcome.Rejections.Count > 0)
        {
            await _deadLetters.SendAsync(
                [.. outcome.Rejections.Select(rejection => Refused(shipment.Origins[rejection.Item], rejection))], cancellation).ConfigureAwait(false);
            Rejected(outcome.Rejections.Count, outcome.Rejections[0].Reason);
        }

        _sink.Done(outcome);
        var (logs, added, alerts) = shipment.Count(outcome);
        _stored.Written(logs, added, alerts, _time.GetElapsedTime(started));
    }

    // What was found to be away may come back as another server, whoever found it.
    private Task PrepareAsync(bool anew, CancellationToken cancellation) =>
        WatchedAsync(() => _setup.EnsureAsync(anew || _waiting is not null, cancellation));

    private async Task WatchedAsync(Func<Task> ask)
    {
        try
        {
            await ask().ConfigureAwait(false);
            if (_waiting is not null)
                _waiting = null;
        }
        catch (ElasticsearchException refusal)
        {
            if (_waiting != refusal.Message)
                NotReady(refusal.Message);
            _waiting = refusal.Message;
            throw;
        }
    }

    private async Task<long> DropOldAsync(CancellationToken cancellation)
    {
        var oldest = _time.GetUtcNow().AddDays(-_retentionDays);
        var dropped = 0L;
        foreach (var index in await _client.ListIndexesAsync(string.Join(',', _names.Patterns), cancellation).ConfigureAwait(false))
        {
            if (index.Created >= oldest)
                continue;

            var documents = await _client.CountAsync(index.Name, cancellation).ConfigureAwait(false);
            await _client.DeleteIndexAsync(index.Name, cancellation).ConfigureAwait(false);
            Dropped(index.Name, documents, _retentionDays);
            dropped += documents;
        }

        return dropped;
    }

    private static async Task<IReadOnlyList<T>> AskAsync<T>(
        PagedSearch search, int wanted, Func<SearchHit, (T, LogKey)> read, CancellationToken cancellation)
    {
        try
        {
            return await search.ReadAsync(wanted, read, cancellation).ConfigureAwait(false);
        }
        catch (ElasticsearchException refusal)
        {
            throw Unavailable(refusal);
        }
    }

    private static (FoundLog, LogKey) ReadLog(SearchHit hit)
    {
        var log = LogJson.Read(hit);
        return (log, log.Key);
    }

    private static JsonArray Filters(AlertQuery query)
    {
        var filters = new JsonArray();
        if (!query.IncludeResolved)
            filters.Add(LogSearchBody.Term("streams.alert.open", true));
        if (query.Kind != AlertKind.Unspecified)
            filters.Add(LogSearchBody.Term("streams.alert.kind", (int)query.Kind));
        if (query.FromNs is { } from)
            filters.Add(LogSearchBody.Range("streams.time", "gte", from));
        return filters;
    }

    private static RefusedRecord Refused(Origin origin, BulkRejection rejection) =>
        new(origin.Id, origin.Key, origin.Message, origin.Source, $"Elasticsearch: {rejection.Status} {rejection.Reason}");

    private static StoreUnavailableException Unavailable(ElasticsearchException refusal) => new($"The log store does not answer: {refusal.Message}", refusal);

    [LoggerMessage(60, LogLevel.Warning, "Elasticsearch cannot be used yet: {Reason} What comes waits in Kafka.")]
    private partial void NotReady(string reason);

    [LoggerMessage(61, LogLevel.Error, "Elasticsearch will never take {Count} documents as they are; they are dead letters. The first: {Reason}")]
    private partial void Rejected(int count, string reason);

    [LoggerMessage(62, LogLevel.Information, "Dropped the index {Index} with {Documents} documents: it was older than {Days} days.")]
    private partial void Dropped(string index, long documents, int days);
}
