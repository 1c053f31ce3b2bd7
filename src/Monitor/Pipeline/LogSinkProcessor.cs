using Monitor.Live;
using Monitor.LogStore;
using Streams;
using Streams.Contracts.V1;

namespace Monitor.Pipeline;

/// <summary>Shows each log to whoever watches, hands it to the store, and raises an alert for WARN and above.</summary>
/// <remarks>
/// Watchers see a log before it is stored: a tail waits for no disk. Where there is no store here, it is fed by a topology of its own
/// (<see cref="StoreTopology"/>).
/// </remarks>
internal sealed class LogSinkProcessor(ILogStore? store, LiveFeeds live, AlertOutlet alerts, string commitName)
    : Processor<string, LogRecord, string, Alert>
{
    private const int SummaryCharsMax = 200;

    public override void Init()
    {
        if (store is not null)
            Context.GetStateStore<BeforeCommit>(commitName).Do(store.Flush);
    }

    public override void Process(in Record<string, LogRecord> record)
    {
        if (!record.HasValue)
            return;

        var log = record.Value;
        var source = Context.RecordMetadata!.Value;
        var id = RecordId.Of(log.NodeId, log.Position, source);
        live.Logs.Publish(log);
        store?.Add(new LogDocument(id, log, source));
        if (log.Severity < Severity.Warn)
            return;

        var alert = AlertFor(log, record.Timestamp);
        var alertId = $"{alert.Fingerprint}:{id}";
        alerts.Take(alertId, alert);
        Context.Forward(record.With(alert.Fingerprint, alert).WithHeader(AlertOutlet.IdHeader, AlertOutlet.Header(alertId)));
    }

    private static Alert AlertFor(LogRecord log, long timestamp) => new()
    {
        Fingerprint = AlertFingerprint.Of(log),
        Kind = AlertKind.Log,
        Severity = log.Severity,
        NodeId = log.NodeId,
        Service = log.Service,
        Summary = Summary(log.Message),
        Starts = log.Time ?? log.Observed ?? Nodes.Milliseconds.ToTimestamp(timestamp),
        Count = 1,
        Log = log,
    };

    private static string Summary(string message)
    {
        var end = message.AsSpan().IndexOfAny('\r', '\n');
        var line = end < 0 ? message : message[..end];
        if (line.Length <= SummaryCharsMax)
            return line;

        // Not between the halves of a surrogate pair.
        var cut = char.IsHighSurrogate(line[SummaryCharsMax - 1]) ? SummaryCharsMax - 1 : SummaryCharsMax;
        return line[..cut] + "…";
    }
}
