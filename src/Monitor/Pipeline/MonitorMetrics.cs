using System.Diagnostics.Metrics;
using Monitor.LogStore;
using Monitor.LogStore.OnElasticsearch;
using Monitor.Nodes;
using Streams.Contracts.V1;

namespace Monitor.Pipeline;

/// <summary>What the monitor tells of itself: the meter <c>Streams.Monitor</c>.</summary>
internal sealed class MonitorMetrics
{
    private readonly Meter _meter;
    private readonly Counter<long> _alerts;
    private readonly Counter<long> _heartbeats;
    private readonly Counter<long> _transitions;
    private readonly Histogram<double> _interarrival;

    public MonitorMetrics(Fleet fleet, IMeterFactory meters)
    {
        var meter = _meter = meters.Create("Streams.Monitor");
        Store = new(meter);
        Sink = new(meter);
        Logs = new DedupMetrics(meter, "log").BeginAtZero();
        Heartbeats = new DedupMetrics(meter, "heartbeat").BeginAtZero();
        StoredLogs = new(meter, "stored.log");
        StoredHeartbeats = new(meter, "stored.heartbeat");
        _alerts = meter.CreateCounter<long>("streams.monitor.alerts", description: "Alerts raised, by kind.");
        _heartbeats = meter.CreateCounter<long>("streams.heartbeat.received", description: "Heartbeats taken.");
        _transitions = meter.CreateCounter<long>("streams.heartbeat.transitions", description: "Changes of nodes' states, by what they became.");
        _interarrival = meter.CreateHistogram<double>("streams.heartbeat.interarrival", "s", "Time between a node's heartbeats.");
        meter.CreateObservableGauge("streams.heartbeat.nodes", () => CountNodes(fleet), description: "Nodes, by state.");
        BeginAtZero();
    }

    // There from the beginning: a rate needs a point before the first.
    private void BeginAtZero()
    {
        _heartbeats.Add(0);
        foreach (var kind in Enum.GetValues<AlertKind>().Where(k => k != AlertKind.Unspecified))
            _alerts.Add(0, new KeyValuePair<string, object?>("kind", Name(kind)));
        foreach (var state in Enum.GetValues<NodeState>().Where(s => s != NodeState.Unspecified))
            _transitions.Add(0, new KeyValuePair<string, object?>("to", Name(state)));
    }

    /// <summary>Has <paramref name="nodes"/> asked for when each node was last heard of, in milliseconds since 1970-01-01 UTC.</summary>
    public void ObserveNodes(Func<IEnumerable<(string Node, long LastSeenMs)>> nodes) =>
        _meter.CreateObservableGauge(
            "streams.heartbeat.last_seen.timestamp",
            () => nodes().Select(n => new Measurement<double>(n.LastSeenMs / 1000.0, new KeyValuePair<string, object?>("node", n.Node))),
            "s",
            "When a node was last heard of, in seconds since 1970-01-01 UTC.");

    public StoreMetrics Store { get; }

    public SinkMetrics Sink { get; }

    public DedupMetrics Logs { get; }

    public DedupMetrics Heartbeats { get; }

    /// <summary>Logs on their way to a store with a topology of its own.</summary>
    public DedupMetrics StoredLogs { get; }

    /// <summary>Heartbeats on their way to a store with a topology of its own.</summary>
    public DedupMetrics StoredHeartbeats { get; }

    public void Alerted(AlertKind kind) => _alerts.Add(1, new KeyValuePair<string, object?>("kind", Name(kind)));

    public void Heartbeat(long received) => _heartbeats.Add(received);

    public void Gap(TimeSpan gap) => _interarrival.Record(gap.TotalSeconds);

    public void Changed(NodeState to) => _transitions.Add(1, new KeyValuePair<string, object?>("to", Name(to)));

    private static IEnumerable<Measurement<long>> CountNodes(Fleet fleet) =>
        Enum.GetValues<NodeState>().Where(s => s != NodeState.Unspecified)
            .Select(s => new Measurement<long>(fleet.Count(s), new KeyValuePair<string, object?>("state", Name(s))));

    private static string Name<T>(T value)
        where T : struct, Enum => value.ToString().ToLowerInvariant();
}

/// <summary>What became of records that senders number.</summary>
internal sealed class DedupMetrics(Meter meter, string what)
{
    private readonly Counter<long> _repeated = meter.CreateCounter<long>(
        $"streams.monitor.{what}.repeated", description: "Records dropped because their sender had sent them before.");

    private readonly Counter<long> _missing = meter.CreateCounter<long>(
        $"streams.monitor.{what}.missing", description: "Sequences that were skipped.");

    private readonly Counter<long> _recovered = meter.CreateCounter<long>(
        $"streams.monitor.{what}.recovered", description: "Skipped sequences that came after all.");

    /// <summary>Makes the counts known before the first of them.</summary>
    public DedupMetrics BeginAtZero()
    {
        _repeated.Add(0);
        _missing.Add(0);
        _recovered.Add(0);
        return this;
    }

    public void Seen(ulong repeated, ulong missing, ulong recovered)
    {
        Add(_repeated, repeated);
        Add(_missing, missing);
        Add(_recovered, recovered);
    }

    private static void Add(Counter<long> counter, ulong count)
    {
        if (count > 0)
            counter.Add((long)Math.Min(count, long.MaxValue));
    }
}
