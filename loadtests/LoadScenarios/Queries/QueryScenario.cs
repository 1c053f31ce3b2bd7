using System.Globalization;
using Grpc.Core;
using Grpc.Net.Client;
using LoadScenarios.Targets;
using LoadTesting;
using Settings;
using Streams.Contracts.V1;

namespace LoadScenarios.Queries;

/// <summary>People and programs ask the monitor: for one node, for all, for a node's windows; they search logs by text and by node, and read alerts. Each kind is a step.</summary>
internal sealed class QueryScenario
{
    /// <summary>The scenario's name.</summary>
    public const string Name = "queries";

    /// <summary>What decides where nothing else is said.</summary>
    public static readonly string[] DefaultThresholds = ["p99<1s", "errors<0.1%", "get-node:p99<250ms"];

    // What is searched for; the shipped messages hold some of them often, some seldom, one never.
    private static readonly string[] _texts = ["timeout after", "declined by issuer", "status 200", "shelf 77", "SKU-4", "no such text"];

    private readonly LoadOptions _options;
    private readonly TimeProvider _time;
    private readonly Target _monitor;
    private readonly CounterMetric _rows = Metric.CreateCounter("rows", "returned");
    private readonly Kind[] _kinds;
    private GrpcChannel[] _channels = [];
    private (NodeQueries.NodeQueriesClient Nodes, LogQueries.LogQueriesClient Logs)[] _clients = [];
    private string[] _nodes = [];

    private QueryScenario(LoadOptions options, string run, TimeProvider time)
    {
        (_options, _time, _monitor) = (options, time, Target.Monitor(options));
        var limit = (uint)options.Queries.Limit;
        _kinds =
        [
            new("get-node", 40, (at, random, call) => AnswerAsync(at.Nodes.GetNodeAsync(new GetNodeRequest { NodeId = Any(random) }, call))),
            new("list-nodes", 10, (at, _, call) => CountAsync(at.Nodes.ListNodes(new ListNodesRequest(), call))),
            new("heartbeat-windows", 15, (at, random, call) => CountAsync(at.Nodes.GetHeartbeatWindows(new GetHeartbeatWindowsRequest { NodeId = Any(random) }, call))),
            new("search-text", 10, (at, random, call) => CountAsync(at.Logs.SearchLogs(new SearchLogsRequest { Text = _texts[random.Next(_texts.Length)], Limit = limit }, call))),
            new("search-node", 15, (at, random, call) => CountAsync(at.Logs.SearchLogs(
                new SearchLogsRequest { NodeIds = { RunNames.Agent(run, random.Next(1, _options.Ingest.Agents + 1)) }, Limit = limit }, call))),
            new("list-alerts", 10, (at, _, call) => CountAsync(at.Logs.ListAlerts(new ListAlertsRequest { Limit = limit }, call))),
        ];
    }

    /// <summary>Makes the scenario.</summary>
    /// <param name="options">The settings.</param>
    /// <param name="run">What tells the agents that ship meanwhile from those of other runs.</param>
    /// <param name="time">The clock.</param>
    /// <exception cref="SetupException">The settings cannot be met.</exception>
    public static ScenarioProps Create(LoadOptions options, string run, TimeProvider time)
    {
        var scenario = new QueryScenario(options, run, time);
        return Scenario.Create(Name, scenario.AskAsync)
            .WithInit(scenario.InitAsync)
            .WithClean(scenario.CleanAsync)
            .WithWarmUpDuration(options.WarmUp)
            .WithMaxInFlight(options.MaxInFlight)
            .WithCompletionTimeout(options.Timeout)
            .WithLoadSimulations(LoadShape.Of(options.Queries.Rate, TimeSpan.FromSeconds(1), options))
            .WithThresholds(ThresholdList.Of(DefaultThresholds, options.Thresholds, [scenario._rows], [.. scenario._kinds.Select(kind => kind.Name)]))
            .WithSettings(
                new("monitor", options.Monitor),
                new("rate", string.Create(CultureInfo.InvariantCulture, $"{options.Queries.Rate} queries/s")),
                new("limit", string.Create(CultureInfo.InvariantCulture, $"{options.Queries.Limit}")),
                new("connections", string.Create(CultureInfo.InvariantCulture, $"{options.Queries.Connections}")));
    }

    // The nodes of the scenario that was registered before this one have said hello by now.
    private async Task InitAsync(ScenarioInitContext context)
    {
        context.RegisterMetric(_rows);
        _channels = [.. Enumerable.Range(0, _options.Queries.Connections).Select(_ => _monitor.Open())];
        _clients = Array.ConvertAll(_channels, channel => (new NodeQueries.NodeQueriesClient(channel), new LogQueries.LogQueriesClient(channel)));
        try
        {
            // They said hello a moment ago, and a moment is what it takes from a gateway's acknowledgement to a monitor's state.
            _nodes = await _monitor.AskAsync(
                () => NodesAsync(context.CancellationToken), isThere: nodes => nodes.Length > 0, _time, context.CancellationToken).ConfigureAwait(false);
        }
        catch
        {
            DisposeChannels();
            throw;
        }

        if (_nodes.Length == 0)
        {
            DisposeChannels();
            throw new TargetException($"the monitor at {_monitor.Address} knows no node to ask about, though nodes have said hello: is it fed by the gateway at {_options.Gateway}?");
        }
    }

    private async Task<string[]> NodesAsync(CancellationToken cancellation)
    {
        var nodes = new List<string>();
        using var call = _clients[0].Nodes.ListNodes(new ListNodesRequest(), Call(cancellation));
        while (await call.ResponseStream.MoveNext(cancellation).ConfigureAwait(false))
            nodes.Add(call.ResponseStream.Current.NodeId);
        return [.. nodes];
    }

    private async Task<Response> AskAsync(ScenarioContext context)
    {
        var kind = Draw(context.Random);
        var client = _clients[context.InvocationNumber % _clients.Length];
        var response = await Step.Run(kind.Name, context, async () =>
        {
            try
            {
                return await kind.Ask(client, context.Random, Call(context.CancellationToken)).ConfigureAwait(false);
            }
            catch (RpcException e)
            {
                return Target.Failure(e);
            }
        }).ConfigureAwait(false);
        return response;
    }

    private Task CleanAsync(ScenarioInitContext context)
    {
        DisposeChannels();
        return Task.CompletedTask;
    }

    private async Task<Response> AnswerAsync<T>(AsyncUnaryCall<T> call)
        where T : Google.Protobuf.IMessage
    {
        var answer = await call.ConfigureAwait(false);
        _rows.Add(1);
        return Response.Ok(sizeBytes: answer.CalculateSize());
    }

    private async Task<Response> CountAsync<T>(AsyncServerStreamingCall<T> call)
        where T : Google.Protobuf.IMessage
    {
        using (call)
        {
            var (rows, bytes) = (0, 0L);
            while (await call.ResponseStream.MoveNext(CancellationToken.None).ConfigureAwait(false))
            {
                rows++;
                bytes += call.ResponseStream.Current.CalculateSize();
            }

            _rows.Add(rows);
            return Response.Ok(sizeBytes: bytes);
        }
    }

    private CallOptions Call(CancellationToken cancellation) => _monitor.Call(cancellation, (_time.GetUtcNow() + _options.Timeout).UtcDateTime);

    private string Any(Random random) => _nodes[random.Next(_nodes.Length)];

    private Kind Draw(Random random)
    {
        var at = random.Next(_kinds.Sum(kind => kind.Weight));
        foreach (var kind in _kinds)
        {
            at -= kind.Weight;
            if (at < 0)
                return kind;
        }

        return _kinds[^1];
    }

    private void DisposeChannels()
    {
        foreach (var channel in _channels)
            channel.Dispose();
    }

    /// <summary>A kind of query.</summary>
    /// <param name="Name">Its step's name.</param>
    /// <param name="Weight">How often it is asked, beside the others.</param>
    /// <param name="Ask">Asks it.</param>
    private sealed record Kind(
        string Name,
        int Weight,
        Func<(NodeQueries.NodeQueriesClient Nodes, LogQueries.LogQueriesClient Logs), Random, CallOptions, Task<Response>> Ask);
}
