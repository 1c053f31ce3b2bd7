using System.Text;
using Monitor.LogStore;
using Monitor.State;
using Streams;
using Streams.Contracts;
using Streams.Contracts.V1;

namespace Monitor.Pipeline;

/// <summary>The topology that feeds a store that is far away, apart from everything else.</summary>
/// <remarks>
/// <code>
///  logs ───────► dedup ──┐
///  heartbeats ─► dedup ──┤
///  node-events ──────────┼──► store
///  alerts ───────────────┘
/// </code>
/// A store that does not answer holds this topology, and nothing but this one: its records wait in Kafka, and its offsets are committed once
/// the store has them (ADR 0055).
/// </remarks>
internal static class StoreTopology
{
    private const string SeenLogs = MonitorTopology.SeenLogs;
    private const string SeenHeartbeats = MonitorTopology.SeenHeartbeats;
    private const string LogsCommit = "logs-commit";
    private const string HeartbeatsCommit = "heartbeats-commit";
    private const string EventsCommit = "node-events-commit";
    private const string AlertsCommit = "alerts-commit";

    /// <summary>The topology's consumer group, and prefix of its own topics.</summary>
    public static string ApplicationId(MonitorOptions options) => $"{options.ApplicationId}-store";

    /// <summary>Draws the topology.</summary>
    public static Topology Build(MonitorOptions options, IRemoteLogStore store, MonitorMetrics metrics) => new Topology()
        .AddDeduplicated<LogRecord>("logs", options.Topics.Logs, SeenLogs, LogsCommit, log => log.Position, metrics.StoredLogs)
        .AddProcessor("logs-store", () => new StoreProcessor<LogRecord>(store, LogsCommit, AddLog(store)), "logs-dedup")
        .AddStateStore(BeforeCommit.Named(LogsCommit), "logs-dedup", "logs-store")
        .AddDeduplicated<Heartbeat>(
            "heartbeats", options.Topics.Heartbeats, SeenHeartbeats, HeartbeatsCommit, beat => beat.Position, metrics.StoredHeartbeats)
        .AddProcessor("heartbeats-store", () => new StoreProcessor<Heartbeat>(store, HeartbeatsCommit, AddHeartbeat(store)), "heartbeats-dedup")
        .AddStateStore(BeforeCommit.Named(HeartbeatsCommit), "heartbeats-dedup", "heartbeats-store")
        .AddSource("node-events", Serdes.String, ProtoSerde<NodeEvent>.Instance, options.Topics.NodeEvents)
        .AddProcessor("node-events-store", () => new StoreProcessor<NodeEvent>(store, EventsCommit, AddEvent(store)), "node-events")
        .AddStateStore(BeforeCommit.Named(EventsCommit), "node-events-store")
        .AddSource("alerts", Serdes.String, ProtoSerde<Alert>.Instance, options.Topics.Alerts)
        .AddProcessor("alerts-store", () => new StoreProcessor<Alert>(store, AlertsCommit, AddAlert(store)), "alerts")
        .AddStateStore(BeforeCommit.Named(AlertsCommit), "alerts-store");

    private static StoreProcessor<LogRecord>.Adding AddLog(IRemoteLogStore store) => (in record, source) =>
        store.Add(new LogDocument(RecordId.Of(record.Value.NodeId, record.Value.Position, source), record.Value, source));

    private static StoreProcessor<Heartbeat>.Adding AddHeartbeat(IRemoteLogStore store) => (in record, source) =>
        store.Add(RecordId.Of(record.Value.NodeId, record.Value.Position, source), record.Value, source, record.Timestamp);

    // Told again until it is confirmed, one change is the same event each time.
    private static StoreProcessor<NodeEvent>.Adding AddEvent(IRemoteLogStore store) => (in record, source) =>
        store.Add(
            record.Value.At is { } at ? $"{record.Value.NodeId}:{UnixNanoseconds.From(at)}:{(int)record.Value.To}" : RecordId.Of(source),
            record.Value,
            source,
            record.Timestamp);

    private static StoreProcessor<Alert>.Adding AddAlert(IRemoteLogStore store) => (in record, source) =>
        store.Add(new AlertDocument(
            record.Headers.TryGetLast(AlertOutlet.IdHeader, out var id) && id is not null ? Encoding.UTF8.GetString(id) : RecordId.Of(source),
            record.Value));
}
