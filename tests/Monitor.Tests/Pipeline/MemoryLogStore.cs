using Monitor.LogStore;
using Streams.Contracts.V1;

namespace Monitor.Tests.Pipeline;

/// <summary>A log store that keeps what it is given, and tells what was durable when.</summary>
internal sealed class MemoryLogStore : ILogStore
{
    private readonly List<LogDocument> _waitingLogs = [];
    private readonly List<AlertDocument> _waitingAlerts = [];

    public Dictionary<string, LogRecord> Logs { get; } = [];

    public Dictionary<string, Alert> Alerts { get; } = [];

    /// <summary>How many documents were added, the same ones again included.</summary>
    public int Added { get; private set; }

    public void Add(in LogDocument document)
    {
        Added++;
        _waitingLogs.Add(document);
    }

    public void Add(in AlertDocument document) => _waitingAlerts.Add(document);

    public void Flush()
    {
        foreach (var log in _waitingLogs)
            Logs.TryAdd(log.Id, log.Record);
        foreach (var alert in _waitingAlerts)
        {
            if (!Alerts.TryGetValue(alert.Id, out var kept) || (kept.Ends is null && alert.Alert.Ends is not null))
                Alerts[alert.Id] = alert.Alert;
        }

        _waitingLogs.Clear();
        _waitingAlerts.Clear();
    }

    public IAsyncEnumerable<FoundLog> SearchAsync(LogQuery query, CancellationToken cancellation) => throw new NotSupportedException();

    public IAsyncEnumerable<Alert> ListAlertsAsync(AlertQuery query, CancellationToken cancellation) => throw new NotSupportedException();

    public Task<long> SweepAsync(CancellationToken cancellation) => Task.FromResult(0L);

    public void Dispose()
    {
    }
}
