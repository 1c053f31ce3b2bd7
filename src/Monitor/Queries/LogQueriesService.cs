using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Monitor.Live;
using Monitor.LogStore;
using Streams.Contracts.V1;

namespace Monitor.Queries;

/// <summary>Search and live tail over logs and alerts.</summary>
internal sealed class LogQueriesService(ILogStore store, LiveFeeds live, LiveStreams streams) : LogQueries.LogQueriesBase
{
    private const uint LimitDefault = 100;
    private const uint LimitMax = 10_000;

    // Within SQLite's bound for LIKE patterns even where each character is escaped.
    private const int TextCharsMax = 4_096;
    private const int FilterValuesMax = 1_000;

    public override async Task SearchLogs(SearchLogsRequest request, IServerStreamWriter<StoredLog> responseStream, ServerCallContext context)
    {
        var search = PageToken.Fingerprint(request);
        var query = Query(request, search);
        try
        {
            await foreach (var found in store.SearchAsync(query, context.CancellationToken).ConfigureAwait(false))
            {
                await responseStream.WriteAsync(new()
                {
                    Id = found.Id,
                    Record = found.Record,
                    PageToken = PageToken.Write(found.Key, search),
                }).ConfigureAwait(false);
            }
        }
        catch (StoreUnavailableException outage)
        {
            throw Refusal.Unavailable(outage.Message);
        }
    }

    public override Task TailLogs(TailLogsRequest request, IServerStreamWriter<LogRecord> responseStream, ServerCallContext context)
    {
        var nodes = request.NodeIds.ToHashSet(StringComparer.Ordinal);
        var services = request.Services.ToHashSet(StringComparer.Ordinal);
        return streams.ServeAsync(
            live.Logs,
            log => log.Severity >= request.MinSeverity
                && (nodes.Count == 0 || nodes.Contains(log.NodeId))
                && (services.Count == 0 || services.Contains(log.Service))
                && (request.Contains.Length == 0 || log.Message.Contains(request.Contains, StringComparison.OrdinalIgnoreCase)),
            responseStream,
            context);
    }

    public override async Task ListAlerts(ListAlertsRequest request, IServerStreamWriter<Alert> responseStream, ServerCallContext context)
    {
        var query = new AlertQuery
        {
            IncludeResolved = request.IncludeResolved,
            Kind = request.Kind,
            FromNs = Time(request.From, "from"),
            Limit = (int)Math.Min(request.Limit, int.MaxValue),
        };
        try
        {
            await foreach (var alert in store.ListAlertsAsync(query, context.CancellationToken).ConfigureAwait(false))
                await responseStream.WriteAsync(alert).ConfigureAwait(false);
        }
        catch (StoreUnavailableException outage)
        {
            throw Refusal.Unavailable(outage.Message);
        }
    }

    public override Task WatchAlerts(WatchAlertsRequest request, IServerStreamWriter<Alert> responseStream, ServerCallContext context) =>
        streams.ServeAsync(live.Alerts, alert => alert.Severity >= request.MinSeverity, responseStream, context);

    private static LogQuery Query(SearchLogsRequest request, uint search)
    {
        if (request.Limit > LimitMax)
            throw Refusal.Invalid($"limit is {request.Limit}; at most {LimitMax} logs come at once. Go on with the last one's page_token.");
        if (request.Text.Length > TextCharsMax)
            throw Refusal.Invalid($"text is {request.Text.Length} characters long; at most {TextCharsMax} can be searched for.");
        if (request.NodeIds.Count > FilterValuesMax || request.Services.Count > FilterValuesMax)
            throw Refusal.Invalid($"At most {FilterValuesMax} node_ids and {FilterValuesMax} services can be asked for.");

        LogKey? after = null;
        if (request.PageToken.Length > 0)
        {
            if (!PageToken.TryRead(request.PageToken, search, out var key))
                throw Refusal.Invalid("page_token does not belong to this search. Take it from a StoredLog of a search with the same filters and order.");
            after = key;
        }

        return new()
        {
            Text = request.Text,
            FromNs = Time(request.From, "from"),
            ToNs = Time(request.To, "to"),
            MinSeverity = request.MinSeverity,
            Nodes = [.. request.NodeIds],
            Services = [.. request.Services],
            Attributes = request.Attributes,
            Limit = (int)(request.Limit == 0 ? LimitDefault : request.Limit),
            OldestFirst = request.OldestFirst,
            After = after,
        };
    }

    private static long? Time(Timestamp? time, string field) => time switch
    {
        null => null,
        { Nanos: < 0 or > 999_999_999 } => throw Refusal.Invalid($"{field} has {time.Nanos} nanoseconds; there are 0 to 999,999,999 in a second."),
        _ => UnixNanoseconds.From(time),
    };
}
