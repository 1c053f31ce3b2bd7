using System.Diagnostics.Metrics;
using Google.Protobuf.WellKnownTypes;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Monitor.LogStore;
using Streams.Contracts.V1;

namespace Monitor.Tests.LogStore;

/// <summary>A log store in a folder of its own, gone with the test.</summary>
internal sealed class StoreFixture : IDisposable
{
    private readonly Meter _meter = new("Streams.Monitor.Tests");

    public StoreFixture(StoreOptions? options = null)
    {
        Options = options ?? new();
        Directory = System.IO.Directory.CreateTempSubdirectory("monitor-store-").FullName;
        Store = Open();
    }

    public StoreOptions Options { get; }

    public string Directory { get; }

    public string File => Path.Combine(Directory, "logs.db");

    public FakeTimeProvider Time { get; } = new(new DateTimeOffset(2026, 1, 1, 12, 0, 0, TimeSpan.Zero));

    public SqliteLogStore Store { get; private set; }

    public SqliteLogStore Open(ILogger<SqliteLogStore>? logger = null) =>
        SqliteLogStore.Open(Directory, Options, Time, new StoreMetrics(_meter), logger ?? NullLogger<SqliteLogStore>.Instance);

    public void Reopen()
    {
        Store.Dispose();
        Store = Open();
    }

    public void AddAll(IEnumerable<LogDocument> documents)
    {
        foreach (var document in documents)
            Store.Add(document);
        Store.Flush();
    }

    public async Task<List<FoundLog>> FindAsync(LogQuery query)
    {
        var found = new List<FoundLog>();
        await foreach (var log in Store.SearchAsync(query, default))
            found.Add(log);
        return found;
    }

    public async Task<List<Alert>> AlertsAsync(AlertQuery? query = null)
    {
        var found = new List<Alert>();
        await foreach (var alert in Store.ListAlertsAsync(query ?? new() { IncludeResolved = true }, default))
            found.Add(alert);
        return found;
    }

    public static LogDocument Log(
        ulong sequence, string message, string node = "n1", DateTimeOffset? at = null, Severity severity = Severity.Info, string service = "shop")
    {
        var time = Timestamp.FromDateTimeOffset(at ?? DateTimeOffset.UnixEpoch.AddSeconds(sequence));
        return new($"{node}:1:{sequence}", new LogRecord
        {
            NodeId = node,
            Service = service,
            Severity = severity,
            Time = time,
            Observed = time,
            Message = message,
            Source = "test.log",
            Position = new() { Epoch = 1, Sequence = sequence },
        });
    }

    public void Dispose()
    {
        Store.Dispose();
        _meter.Dispose();
        System.IO.Directory.Delete(Directory, recursive: true);
    }
}
