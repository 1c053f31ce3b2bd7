using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Monitor.Live;
using Monitor.LogStore;
using Monitor.Nodes;
using Monitor.Pipeline;
using Monitor.State;
using Streams;
using Streams.Contracts;
using Streams.Contracts.V1;
using Streams.TestKit;
using TestKit;

namespace Monitor.Tests.Pipeline;

/// <summary>The monitor's topology in a test driver, with a store in memory and a clock of the test's own.</summary>
internal sealed class PipelineFixture : IDisposable
{
    public static readonly DateTimeOffset Noon = new(2026, 1, 1, 12, 0, 0, TimeSpan.Zero);

    private readonly MonitorMetrics _metrics;
    private readonly TopologyTestDriver _driver;
    private readonly TestInputTopic<string, LogRecord> _logs;
    private readonly TestInputTopic<string, Heartbeat> _heartbeats;
    private readonly TestInputTopic<string, MaintenanceCommand> _maintenance;

    /// <param name="change">Settings of the test.</param>
    /// <param name="restored">What a crashed instance left behind: its changelogs.</param>
    public PipelineFixture(Action<MonitorOptions>? change = null, PipelineFixture? restored = null)
    {
        Options = new();
        change?.Invoke(Options);
        var fleet = new Fleet();
        _metrics = new(fleet, new TestMeters());
        Live = new(Options.Queries);
        Guard = new(fleet, Options.Detection);
        var nodes = new NodesContext(
            Options.Detection, Evidence, fleet, Guard, Live, new AlertOutlet(Store, Live, _metrics), _metrics);
        _driver = new(MonitorTopology.Build(Options, Store, nodes), new() { ApplicationId = "monitor", CacheBytesMax = 0 }, restored?._driver.WallClockTime ?? Noon);
        Evidence.Now = () => _driver.WallClockTime.ToUnixTimeMilliseconds();
        if (restored is not null)
        {
            Restore<SeenRecords>(restored, MonitorTopology.SeenLogs);
            Restore<SeenRecords>(restored, MonitorTopology.SeenHeartbeats);
            Restore<NodeStatus>(restored, NodesProcessor.StatusStore);
        }

        _logs = _driver.CreateInputTopic("logs", Serdes.String, ProtoSerde<LogRecord>.Instance);
        _heartbeats = _driver.CreateInputTopic("heartbeats", Serdes.String, ProtoSerde<Heartbeat>.Instance);
        _maintenance = _driver.CreateInputTopic("monitor-maintenance", Serdes.String, ProtoSerde<MaintenanceCommand>.Instance);
        AlertTopic = _driver.CreateOutputTopic("alerts", Serdes.String, ProtoSerde<Alert>.Instance);
        EventTopic = _driver.CreateOutputTopic("node-events", Serdes.String, ProtoSerde<NodeEvent>.Instance);
    }

    public MonitorOptions Options { get; }

    public MemoryLogStore Store { get; } = new();

    public LiveFeeds Live { get; }

    public MassSilenceGuard Guard { get; }

    public FakeEvidence Evidence { get; } = new();

    public TestOutputTopic<string, Alert> AlertTopic { get; }

    public TestOutputTopic<string, NodeEvent> EventTopic { get; }

    public IKeyValueStore<string, NodeStatus> Nodes => _driver.GetKeyValueStore<string, NodeStatus>(NodesProcessor.StatusStore);

    public IWindowStore<string, HeartbeatTally> Windows => _driver.GetWindowStore<string, HeartbeatTally>(NodesProcessor.TallyStore);

    public DateTimeOffset Now => _driver.WallClockTime;

    public void Log(ulong sequence, string message, Severity severity = Severity.Info, string node = "n1", ulong epoch = 1) => _logs.PipeInput(node, new()
    {
        NodeId = node,
        Severity = severity,
        Message = message,
        Time = Timestamp.FromDateTimeOffset(Now),
        Position = sequence == 0 ? null : new() { Epoch = epoch, Sequence = sequence },
    });

    public void Beat(ulong sequence, string node = "n1", NodeState reported = NodeState.Up, double interval = 5) => _heartbeats.PipeInput(node, new()
    {
        NodeId = node,
        Observed = Timestamp.FromDateTimeOffset(Now),
        Interval = Duration.FromTimeSpan(TimeSpan.FromSeconds(interval)),
        Reported = reported,
        Position = new() { Epoch = 1, Sequence = sequence },
    });

    public void Maintain(string node, DateTimeOffset until) =>
        _maintenance.PipeInput(node, new() { NodeId = node, Until = until.ToUnixTimeMilliseconds() }, Now);

    public void Pass(double seconds)
    {
        for (var passed = 0.0; passed < seconds; passed += 0.1)
            _driver.AdvanceWallClockTime(TimeSpan.FromSeconds(Math.Min(0.1, seconds - passed)));
    }

    public List<string> TakeEvents() =>
        [.. EventTopic.ReadValuesToList().Select(e => $"{e.NodeId} {e.From}->{e.To}")];

    public void Dispose()
    {
        _driver.Dispose();
    }

    private void Restore<T>(PipelineFixture from, string store)
        where T : class, IMessage<T>, new()
    {
        var changelog = from._driver.CreateOutputTopic($"monitor-{store}-changelog", Serdes.String, ProtoSerde<T>.Instance);
        foreach (var (key, value) in changelog.ReadKeyValuesToMap())
            _driver.GetKeyValueStore<string, T>(store).Put(key, value);
    }
}

/// <summary>Says that everything was read, unless the test says otherwise.</summary>
internal sealed class FakeEvidence : IEvidence
{
    public Func<long?> Now { get; set; } = () => null;

    public long? CompleteAsOf(int partition) => Now();
}
