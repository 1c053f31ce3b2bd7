using System.Globalization;
using Grpc.Core;
using Grpc.Net.Client;
using LoadScenarios.Targets;
using LoadTesting;
using Settings;
using Streams.Contracts.V1;

namespace LoadScenarios.Shipping;

/// <summary>
/// Agents ship batches of logs to the gateway. An invocation is a batch, from when it was due to its acknowledgement; at the end every acknowledged
/// record is looked for in the monitor's log store.
/// </summary>
internal sealed class IngestScenario
{
    /// <summary>The scenario's name.</summary>
    public const string Name = "ingest";

    /// <summary>What decides where nothing else is said; without verification, the last two are left out.</summary>
    public static readonly string[] DefaultThresholds = ["p99<500ms", "errors<0.1%", "records_missing=0", "records_repeated=0"];

    private readonly LoadOptions _options;
    private readonly TimeProvider _time;
    private readonly Target _gateway;
    private readonly Target _monitor;
    private readonly CounterMetric _records = Metric.CreateCounter("records", "acknowledged");
    private readonly GaugeMetric _perSecond = Metric.CreateGauge("records_per_second", "acknowledged");
    private readonly GaugeMetric _stored = Metric.CreateGauge("records_stored", "found, warm-up included");
    private readonly GaugeMetric _missing = Metric.CreateGauge("records_missing", "acknowledged and not found");
    private readonly GaugeMetric _repeated = Metric.CreateGauge("records_repeated", "found more than once");
    private readonly GaugeMetric _storedAfter = Metric.CreateGauge("stored_after", "ms");
    private readonly string _run;
    private SimulatedAgent[] _agents = [];
    private DateTimeOffset _began;

    private IngestScenario(LoadOptions options, int rate, string run, TimeProvider time)
    {
        (_options, _run, _time) = (options, run, time);
        (_gateway, _monitor) = (Target.Gateway(options), Target.Monitor(options));
    }

    private Metric[] Metrics => _options.Ingest.Verify
        ? [_records, _perSecond, _stored, _missing, _repeated, _storedAfter]
        : [_records, _perSecond];

    /// <summary>Makes the scenario.</summary>
    /// <param name="options">The settings.</param>
    /// <param name="rate">Records a second.</param>
    /// <param name="run">What tells this run's agents from those of others.</param>
    /// <param name="thresholds">Thresholds in place of or beside the default ones.</param>
    /// <param name="time">The clock.</param>
    /// <exception cref="SetupException">The settings cannot be met.</exception>
    public static ScenarioProps Create(LoadOptions options, int rate, string run, IReadOnlyList<string> thresholds, TimeProvider time)
    {
        var scenario = new IngestScenario(options, rate, run, time);
        var ingest = options.Ingest;
        var defaults = ingest.Verify ? DefaultThresholds : DefaultThresholds[..2];
        return Scenario.Create(Name, scenario.ShipAsync)
            .WithInit(scenario.InitAsync)
            .WithVerify(scenario.VerifyAsync)
            .WithClean(scenario.CleanAsync)
            .WithWarmUpDuration(options.WarmUp)
            .WithMaxInFlight(options.MaxInFlight)
            .WithCompletionTimeout(options.Timeout)
            .WithLoadSimulations(LoadShape.Of(rate, TimeSpan.FromSeconds(ingest.Batch), options))
            .WithThresholds(ThresholdList.Of(defaults, thresholds, scenario.Metrics, []))
            .WithSettings(
                new("gateway", options.Gateway),
                new("rate", string.Create(CultureInfo.InvariantCulture, $"{rate} records/s")),
                new("batch", string.Create(CultureInfo.InvariantCulture, $"{ingest.Batch} records")),
                new("agents", string.Create(CultureInfo.InvariantCulture, $"{ingest.Agents}")),
                new("alerting", string.Create(CultureInfo.InvariantCulture, $"{ingest.AlertPercent} %")),
                new("verify", ingest.Verify ? options.Monitor : "no"));
    }

    private async Task InitAsync(ScenarioInitContext context)
    {
        foreach (var metric in Metrics)
            context.RegisterMetric(metric);
        _began = _time.GetUtcNow();
        if (_options.Ingest.Verify)
            await AskMonitorAsync(context.CancellationToken).ConfigureAwait(false);

        var random = new Random(context.Seed);
        var texts = new LogTexts(random, _options.Ingest.AlertPercent);
        var epoch = (ulong)_began.ToUnixTimeMilliseconds();
        _agents =
        [
            .. Enumerable.Range(1, _options.Ingest.Agents).Select(n => new SimulatedAgent(
                RunNames.Agent(_run, n), epoch, _gateway, _options, texts, new Random(random.Next()), _time)),
        ];
        try
        {
            foreach (var some in _agents.Chunk(16))
            {
                var batchMax = (await Task.WhenAll(some.Select(agent => agent.ConnectAsync(context.CancellationToken))).ConfigureAwait(false)).Min();
                if (batchMax < _options.Ingest.Batch)
                    throw new SetupException($"the gateway at {_gateway.Address} takes {batchMax} records in a batch; --batch is {_options.Ingest.Batch}.");
            }
        }
        catch (Exception e)
        {
            DisposeAgents();
            throw e switch
            {
                RpcException refusal => _gateway.Explain(refusal),
                TimeoutException => new TargetException($"the gateway at {_gateway.Address} did not welcome an agent within {_options.Timeout.TotalSeconds:0.#} s.", e),
                _ => e,
            };
        }
    }

    private async Task<Response> ShipAsync(ScenarioContext context)
    {
        var agent = _agents[context.InvocationNumber % _agents.Length];
        var response = await agent.ShipAsync(context.CancellationToken).ConfigureAwait(false);
        if (!response.IsError && !context.IsWarmUp)
            _records.Add(_options.Ingest.Batch);
        return response;
    }

    private async Task VerifyAsync(ScenarioInitContext context)
    {
        var measured = context.Stats;
        _perSecond.Set(Math.Round(measured.Ok.Request.Rps * _options.Ingest.Batch));
        if (!_options.Ingest.Verify)
            return;

        using var channel = _monitor.Open();
        var check = new StoredRecordsCheck(
            new LogQueries.LogQueriesClient(channel), _monitor, _began - TimeSpan.FromSeconds(1), _options.Ingest.VerifyPatience, _time);
        var ledgers = Array.ConvertAll(_agents, agent => agent.Ledger);
        try
        {
            context.Report("waiting until all is stored");
            var began = _time.GetTimestamp();
            await check.WaitAsync(ledgers, context.CancellationToken).ConfigureAwait(false);
            _storedAfter.Set(Math.Round(_time.GetElapsedTime(began).TotalMilliseconds));

            var found = await check.CountAsync(
                ledgers,
                stored => context.Report(string.Create(CultureInfo.InvariantCulture, $"counting what is stored: {stored:#,0} records")),
                context.CancellationToken).ConfigureAwait(false);
            _stored.Set(found.Stored);
            _missing.Set(found.Missing);
            _repeated.Set(found.Repeated);
        }
        catch (RpcException e)
        {
            throw _monitor.Explain(e);
        }
    }

    private Task CleanAsync(ScenarioInitContext context)
    {
        DisposeAgents();
        return Task.CompletedTask;
    }

    // Better now than after an hour of load.
    private async Task AskMonitorAsync(CancellationToken cancellation)
    {
        using var channel = _monitor.Open();
        var logs = new LogQueries.LogQueriesClient(channel);
        await _monitor.AskAsync(
            async () =>
            {
                using var call = logs.SearchLogs(new SearchLogsRequest { Limit = 1 }, _monitor.Call(cancellation, (_time.GetUtcNow() + _options.Timeout).UtcDateTime));
                return await call.ResponseStream.MoveNext(cancellation).ConfigureAwait(false);
            },
            _time,
            cancellation).ConfigureAwait(false);
    }

    private void DisposeAgents()
    {
        foreach (var agent in _agents)
            agent.Dispose();
    }
}
