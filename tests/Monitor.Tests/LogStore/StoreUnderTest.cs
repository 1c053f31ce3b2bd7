using Google.Protobuf.WellKnownTypes;
using Monitor.LogStore;
using Streams.Contracts.V1;

namespace Monitor.Tests.LogStore;

/// <summary>A log store of a test's own, whichever kind it is.</summary>
internal abstract class StoreUnderTest : IAsyncDisposable
{
    public abstract ILogStore Store { get; }

    /// <summary>Closes the store and opens it again on what it holds.</summary>
    public abstract void Reopen();

    /// <summary>Makes what was flushed findable now, where that takes a store time.</summary>
    public abstract Task RefreshAsync();

    public abstract ValueTask DisposeAsync();

    public async Task AddAllAsync(IEnumerable<LogDocument> documents)
    {
        foreach (var document in documents)
            Store.Add(document);
        await FlushAsync();
    }

    public async Task FlushAsync()
    {
        Store.Flush();
        await RefreshAsync();
    }

    public async Task<List<FoundLog>> FindAsync(LogQuery query)
    {
        var found = new List<FoundLog>();
        await foreach (var log in Store.SearchAsync(query, default))
            found.Add(log);
        return found;
    }

    /// <summary>Every log that matches, as pages of the query's limit.</summary>
    public async Task<List<FoundLog>> FindAllPagesAsync(LogQuery query)
    {
        var all = new List<FoundLog>();
        while (true)
        {
            var page = await FindAsync(query);
            all.AddRange(page);
            if (page.Count < query.Limit)
                return all;
            query = query with { After = page[^1].Key };
        }
    }

    public async Task<List<Alert>> AlertsAsync(AlertQuery? query = null)
    {
        var found = new List<Alert>();
        await foreach (var alert in Store.ListAlertsAsync(query ?? new() { IncludeResolved = true }, default))
            found.Add(alert);
        return found;
    }

    public static Timestamp At(double seconds) => Timestamp.FromDateTimeOffset(DateTimeOffset.UnixEpoch.AddSeconds(seconds));
}
