using Monitor.LogStore;
using Monitor.Nodes;
using Monitor.State;
using Streams;
using Streams.Contracts;
using Streams.Contracts.V1;

namespace Monitor.Pipeline;

/// <summary>The monitor's topology.</summary>
/// <remarks>
/// <code>
///  logs ──────► dedup ──► store and watchers ── WARN and above ──► alerts
///  heartbeats ► dedup ──┐
///  maintenance ─────────┴─► nodes ──┬──► node-events
///                                   └──► alerts
/// </code>
/// </remarks>
internal static class MonitorTopology
{
    /// <summary>Which of a node's logs were seen.</summary>
    public const string SeenLogs = "seen-logs";

    /// <summary>Which of a node's heartbeats were seen.</summary>
    public const string SeenHeartbeats = "seen-heartbeats";

    private const string LogsCommit = "logs-commit";

    /// <summary>The compacted topic that requests for maintenance go through, so that whoever holds the node obeys them.</summary>
    public static string MaintenanceTopic(MonitorOptions options) => $"{options.ApplicationId}-maintenance";

    /// <summary>Draws the topology.</summary>
    /// <param name="options">The topics, and how nodes are judged.</param>
    /// <param name="store">The log store; null where it is fed by a topology of its own (<see cref="StoreTopology"/>).</param>
    /// <param name="shared">What the processors share with the rest of the instance.</param>
    public static Topology Build(MonitorOptions options, ILogStore? store, NodesContext shared)
    {
        var topology = new Topology();
        AddLogs(topology, options, store, shared);
        AddNodes(topology, options, shared);
        return topology;
    }

    private static void AddLogs(Topology topology, MonitorOptions options, ILogStore? store, NodesContext shared) => topology
        .AddDeduplicated<LogRecord>("logs", options.Topics.Logs, SeenLogs, LogsCommit, log => log.Position, shared.Metrics.Logs)
        .AddProcessor("logs-sink", () => new LogSinkProcessor(store, shared.Live, shared.Alerts, LogsCommit), "logs-dedup")
        .AddSink("log-alerts", options.Topics.Alerts, Serdes.String, ProtoSerde<Alert>.Instance, "logs-sink")
        .AddStateStore(BeforeCommit.Named(LogsCommit), "logs-dedup", "logs-sink");

    private static void AddNodes(Topology topology, MonitorOptions options, NodesContext shared) => topology
        .AddDeduplicated<Heartbeat>(
            "heartbeats", options.Topics.Heartbeats, SeenHeartbeats, NodesProcessor.CommitStore, beat => beat.Position, shared.Metrics.Heartbeats)
        .AddSource("maintenance", Serdes.String, ProtoSerde<MaintenanceCommand>.Instance, MaintenanceTopic(options))
        .AddProcessor("heartbeats-input", () => new Select<Heartbeat, NodeInput>(beat => new(beat, null)), "heartbeats-dedup")
        .AddProcessor("maintenance-input", () => new Select<MaintenanceCommand, NodeInput>(command => new(null, command)), "maintenance")
        .AddProcessor("nodes", () => new NodesProcessor(shared), "heartbeats-input", "maintenance-input")
        .AddProcessor("events-output", () => new Select<NodeOutput, NodeEvent>(output => output.Event), "nodes")
        .AddProcessor("alerts-output", () => new Select<NodeOutput, Alert>(output => output.Alert), "nodes")
        .AddSink("node-events", options.Topics.NodeEvents, Serdes.String, ProtoSerde<NodeEvent>.Instance, "events-output")
        .AddSink("node-alerts", options.Topics.Alerts, Serdes.String, ProtoSerde<Alert>.Instance, "alerts-output")
        .AddStateStore(Stores.KeyValue(NodesProcessor.StatusStore, Serdes.String, ProtoSerde<NodeStatus>.Instance), "nodes")
        .AddStateStore(
            Stores.Window(
                NodesProcessor.TallyStore,
                Serdes.String,
                ProtoSerde<HeartbeatTally>.Instance,
                options.Detection.WindowRetention,
                options.Detection.WindowSize),
            "nodes")
        .AddStateStore(Stores.KeyValue(NodesProcessor.OutageStore, Serdes.String, ProtoSerde<OutageRecord>.Instance), "nodes")
        .AddStateStore(BeforeCommit.Named(NodesProcessor.CommitStore), "heartbeats-dedup", "nodes");
}
