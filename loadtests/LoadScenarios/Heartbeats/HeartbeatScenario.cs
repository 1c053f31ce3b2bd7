using System.Globalization;
using Grpc.Core;
using Grpc.Net.Client;
using LoadScenarios.Targets;
using LoadTesting;
using Settings;
using Streams.Contracts.V1;

namespace LoadScenarios.Heartbeats;

/// <summary>
/// Nodes send signs of life, evenly spread over their interval. An invocation is a heartbeat, from when it was due to its acknowledgement; at the end the
/// monitor must see every node up, and it must have raised no alarm on the way.
/// </summary>
internal sealed class HeartbeatScenario : IAsyncDisposable
{
    /// <summary>The scenario's name.</summary>
    public const string Name = "heartbeats";

    /// <summary>What decides where nothing else is said; without verification, the last two are left out.</summary>
    public static readonly string[] DefaultThresholds = ["p99<500ms", "errors<0.1%", "nodes_not_up=0", "false_alarms=0"];

    // Hellos and goodbyes at a time.
    private const int AtOnce = 64;

    private static readonly TimeSpan _lookAgainAfter = TimeSpan.FromMilliseconds(250);

    private readonly LoadOptions _options;
    private readonly int _count;
    private readonly string _run;
    private readonly TimeSpan _interval;
    private readonly bool _verifies;
    private readonly TimeProvider _time;
    private readonly Target _gateway;
    private readonly Target _monitor;
    private readonly GaugeMetric _up = Metric.CreateGauge("nodes_up", "as the monitor sees it");
    private readonly GaugeMetric _notUp = Metric.CreateGauge("nodes_not_up", "as the monitor sees it");
    private readonly CounterMetric _alarms = Metric.CreateCounter("false_alarms", "down or flapping");
    private readonly CounterMetric _suspicions = Metric.CreateCounter("suspicions", "late, not yet down");
    private GrpcChannel[] _channels = [];
    private GrpcChannel? _asking;
    private SimulatedNode[] _nodes = [];
    private AlarmWatch? _watch;

    private HeartbeatScenario(LoadOptions options, int nodes, string run, TimeProvider time)
    {
        (_options, _count, _run, _interval, _time) = (options, nodes, run, options.Heartbeats.Interval, time);
        _verifies = options.Heartbeats.Verify;
        (_gateway, _monitor) = (Target.Gateway(options), Target.Monitor(options));
    }

    private Metric[] Metrics => _verifies ? [_up, _notUp, _alarms, _suspicions] : [];

    /// <summary>Makes the scenario.</summary>
    /// <param name="options">The settings.</param>
    /// <param name="nodes">How many nodes beat.</param>
    /// <param name="run">What tells this run's nodes from those of others.</param>
    /// <param name="thresholds">Thresholds in place of or beside the default ones.</param>
    /// <param name="time">The clock.</param>
    /// <exception cref="SetupException">The settings cannot be met.</exception>
    public static ScenarioProps Create(LoadOptions options, int nodes, string run, IReadOnlyList<string> thresholds, TimeProvider time)
    {
        var scenario = new HeartbeatScenario(options, nodes, run, time);
        return Scenario.Create(Name, scenario.BeatAsync)
            .WithInit(scenario.InitAsync)
            .WithVerify(scenario.VerifyAsync)
            .WithClean(scenario.CleanAsync)
            .WithWarmUpDuration(options.WarmUp)
            .WithMaxInFlight(options.MaxInFlight)
            .WithCompletionTimeout(options.Timeout)
            // No ramp: a node that beats more seldom than it says is down.
            .WithLoadSimulations(LoadShape.Steady(nodes, scenario._interval, options))
            .WithThresholds(ThresholdList.Of(scenario._verifies ? DefaultThresholds : DefaultThresholds[..2], thresholds, scenario.Metrics, []))
            .WithSettings(
                new("gateway", options.Gateway),
                new("nodes", string.Create(CultureInfo.InvariantCulture, $"{nodes}")),
                new("interval", DurationText.Format(scenario._interval)),
                new("connections", string.Create(CultureInfo.InvariantCulture, $"{Math.Min(nodes, options.Heartbeats.Connections)}")),
                new("verify", scenario._verifies ? options.Monitor : "no"));
    }

    /// <summary>Closes all connections.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_watch is { } watch)
            await watch.DisposeAsync().ConfigureAwait(false);
        foreach (var node in _nodes)
            node.Dispose();
        foreach (var channel in _channels)
            channel.Dispose();
        _asking?.Dispose();
    }

    private async Task InitAsync(ScenarioInitContext context)
    {
        foreach (var metric in Metrics)
            context.RegisterMetric(metric);
        var epoch = (ulong)_time.GetUtcNow().ToUnixTimeMilliseconds();
        _channels = [.. Enumerable.Range(0, Math.Min(_count, _options.Heartbeats.Connections)).Select(_ => _gateway.Open())];
        _nodes =
        [
            .. Enumerable.Range(0, _count).Select(n => new SimulatedNode(
                RunNames.Node(_run, n + 1),
                epoch,
                _interval,
                new Ingest.IngestClient(_channels[n % _channels.Length]),
                _gateway,
                _options.Timeout,
                _time)),
        ];
        try
        {
            if (_verifies)
                await WatchAsync(context.CancellationToken).ConfigureAwait(false);
            await SayAsync(NodeState.Up, context.CancellationToken).ConfigureAwait(false);
        }
        catch
        {
            await DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    private Task<Response> BeatAsync(ScenarioContext context) =>
        _nodes[context.InvocationNumber % _nodes.Length].BeatAsync(NodeState.Up, context.CancellationToken);

    private async Task VerifyAsync(ScenarioInitContext context)
    {
        if (!_verifies)
            return;

        context.Report("asking for the nodes' states");
        var nodes = new NodeQueries.NodeQueriesClient(_asking!);
        try
        {
            // The last heartbeats may be on their way to the monitor; a node is up for as long as several of its intervals.
            var began = _time.GetTimestamp();
            var up = await UpAsync(nodes, context.CancellationToken).ConfigureAwait(false);
            while (up < _count && _time.GetElapsedTime(began) < _interval)
            {
                await Task.Delay(_lookAgainAfter, _time, context.CancellationToken).ConfigureAwait(false);
                up = await UpAsync(nodes, context.CancellationToken).ConfigureAwait(false);
            }

            _up.Set(up);
            _notUp.Set(_count - up);
        }
        catch (RpcException e)
        {
            throw _monitor.Explain(e);
        }
    }

    // A node that says goodbye raises no alarm by its silence.
    private async Task CleanAsync(ScenarioInitContext context)
    {
        if (_watch is { } watch)
            await watch.DisposeAsync().ConfigureAwait(false);
        _watch = null;
        try
        {
            await SayAsync(NodeState.Left, context.CancellationToken).ConfigureAwait(false);
        }
        catch (TargetException)
        {
            // Nobody is there to hear it; that much the failures have said already.
        }

        await DisposeAsync().ConfigureAwait(false);
    }

    private async Task SayAsync(NodeState state, CancellationToken cancellation)
    {
        foreach (var some in _nodes.Chunk(AtOnce))
        {
            var answers = await Task.WhenAll(some.Select(node => node.BeatAsync(state, cancellation))).ConfigureAwait(false);
            if (Array.Find(answers, answer => answer.IsError) is { } failure)
                throw new TargetException($"the gateway at {_gateway.Address} does not take heartbeats: {failure.StatusCode}: {failure.Message.TrimEnd('.')}. Start one with './streams up', or name another with --gateway URL.");
        }
    }

    private async Task WatchAsync(CancellationToken cancellation)
    {
        _asking = _monitor.Open();
        var nodes = new NodeQueries.NodeQueriesClient(_asking);
        await _monitor.AskAsync(() => UpAsync(nodes, cancellation), _time, cancellation).ConfigureAwait(false);
        _watch = new AlarmWatch(nodes, _monitor, _nodes.Select(node => node.NodeId).ToHashSet(StringComparer.Ordinal), _alarms, _suspicions, _time);
    }

    private async Task<int> UpAsync(NodeQueries.NodeQueriesClient nodes, CancellationToken cancellation)
    {
        var ours = _nodes.Select(node => node.NodeId).ToHashSet(StringComparer.Ordinal);
        var request = new ListNodesRequest { States = { NodeState.Up }, LabelSelector = $"{SimulatedNode.Label}=heartbeats" };
        using var call = nodes.ListNodes(request, _monitor.Call(cancellation, (_time.GetUtcNow() + _options.Timeout).UtcDateTime));
        while (await call.ResponseStream.MoveNext(cancellation).ConfigureAwait(false))
            ours.Remove(call.ResponseStream.Current.NodeId);
        return _count - ours.Count;
    }
}
