using LoadScenarios;
using LoadScenarios.Targets;
using LoadTesting;
using LoadTesting.Statistics;
using Settings;
using Streams.Contracts.V1;
using TestKit;

namespace LoadTests.Tests.Scenarios;

/// <summary>The scenario on a real connection, for a second; how long anything takes is not looked at.</summary>
public sealed class IngestScenarioTests : IAsyncLifetime
{
    private const int Batch = 10;

    private FakeGateway _gateway = null!;
    private FakeMonitor _monitor = null!;
    private LoadOptions _options = null!;

    public async Task InitializeAsync()
    {
        _gateway = await FakeGateway.StartAsync();
        _monitor = await FakeMonitor.StartAsync();
        _options = new LoadOptions
        {
            Gateway = _gateway.Address,
            Monitor = _monitor.Address,
            Duration = TimeSpan.FromSeconds(1),
            WarmUp = TimeSpan.Zero,
            Seed = 1,
            Ingest = { Rate = 1_000, Batch = Batch, Agents = 4, Verify = false },
        };
    }

    public async Task DisposeAsync()
    {
        await _gateway.DisposeAsync();
        await _monitor.DisposeAsync();
    }

    [Fact]
    public async Task Each_agent_numbers_its_records_without_a_gap_and_every_batch_is_acknowledged()
    {
        var stats = await RunAsync();

        Assert.Equal((100, 100, 0), (stats.Due, stats.Ok.Request.Count, stats.Fail.Request.Count));
        Assert.Equal(1_000, Metric(stats, "records"));
        Assert.Equal(4, _gateway.Hellos.Select(hello => hello.NodeId).Distinct().Count());
        Assert.All(_gateway.Batches, batch => Assert.Equal(Batch, batch.Records.Count));
        // Streams mix, but 25 batches of each agent start where the one before ended.
        Assert.Equal(
            Enumerable.Range(0, 25).SelectMany(n => Enumerable.Repeat((ulong)(n * Batch) + 1, 4)),
            _gateway.Batches.Select(batch => batch.FirstSequence).Order());
        Assert.All(_gateway.Records, record => Assert.True(record.Message.Length > 20 && record.Time is not null && record.Severity > 0));
    }

    [Fact]
    public async Task A_gateway_that_goes_and_comes_back_is_failures_by_status_between_two_epochs()
    {
        var gone = new TaskCompletionSource();
        _gateway.OnBatch = batch =>
        {
            if (batch.FirstSequence == (5 * Batch) + 1)
                gone.TrySetResult();
            return [FakeGateway.Ack(batch)];
        };
        var run = RunAsync();
        await gone.Task.WaitAsync(TimeSpan.FromSeconds(30));
        await _gateway.CloseAsync();
        await _gateway.OpenAsync();

        var stats = await run;

        Assert.Equal(stats.Due, stats.Ok.Request.Count + stats.Fail.Request.Count);
        Assert.All(stats.Fail.StatusCodes, status => Assert.Contains(status.StatusCode, new[] { "Unavailable", "Cancelled", "Internal" }));
        // What is given up with a stream leaves no hole: the next stream is a new epoch, and counts from 1.
        Assert.All(_gateway.Hellos.GroupBy(hello => hello.NodeId), node => Assert.Equal(node.Count(), node.Select(hello => hello.Epoch).Distinct().Count()));
        Assert.True(_gateway.Hellos.Count > 4);
        Assert.Equal(_gateway.Hellos.Count, _gateway.Batches.Count(batch => batch.FirstSequence == 1));
    }

    [Fact]
    public async Task Refused_records_and_silence_are_failures()
    {
        _gateway.OnBatch = batch => batch.FirstSequence == 1
            ? [new ShipLogsResponse { Ack = new Ack { ThroughSequence = Batch, Rejected = { new Rejection { Sequence = 3, Reason = "too long" } } } }]
            : [];
        _options.Timeout = TimeSpan.FromSeconds(3);

        var stats = await RunAsync();

        Assert.Equal(0, stats.Ok.Request.Count);
        Assert.Equal("too long", stats.Fail.StatusCodes.Single(status => status.StatusCode == "rejected").Message);
        Assert.Contains(stats.Fail.StatusCodes, status => status.StatusCode == "timeout");
    }

    [Fact]
    public async Task Every_acknowledged_record_is_looked_for_and_what_is_missing_or_repeated_fails_the_run()
    {
        _options.Ingest.Verify = true;
        _options.Ingest.VerifyPatience = TimeSpan.FromSeconds(1);

        _monitor.Stored = () => Stored();
        var whole = await RunAsync();
        _monitor.Stored = () => [.. Stored().Where(record => record.Position.Sequence != 7)];
        var missing = await RunAsync();
        _monitor.Stored = () => [.. Stored().SelectMany(record => Enumerable.Repeat(record, record.Position.Sequence == 7 ? 2 : 1))];
        var repeated = await RunAsync();
        _monitor.Stored = () => [];
        var nothing = await RunAsync();

        Assert.Equal((1_000, 0, 0), (Metric(whole, "records_stored"), Metric(whole, "records_missing"), Metric(whole, "records_repeated")));
        Assert.Equal((996, 4, 0), (Metric(missing, "records_stored"), Metric(missing, "records_missing"), Metric(missing, "records_repeated")));
        Assert.Equal((1_000, 0, 4), (Metric(repeated, "records_stored"), Metric(repeated, "records_missing"), Metric(repeated, "records_repeated")));
        Assert.Equal((0, 1_000), (Metric(nothing, "records_stored"), Metric(nothing, "records_missing")));
        Assert.False(Held(missing, "records_missing = 0"));
        Assert.False(Held(repeated, "records_repeated = 0"));
        Assert.True(Held(whole, "records_missing = 0") && Held(whole, "records_repeated = 0"));
    }

    [Fact]
    public async Task What_is_not_there_or_asks_too_much_is_said_before_any_load()
    {
        _options.Ingest.Verify = true;
        await _monitor.DisposeAsync();
        var noMonitor = await Assert.ThrowsAsync<ScenarioInitException>(RunAsync);
        _options.Ingest.Verify = false;
        _gateway.Welcome = new Welcome { MaxBatchRecords = 9 };
        var tooLarge = await Assert.ThrowsAsync<ScenarioInitException>(RunAsync);
        await _gateway.CloseAsync();
        var noGateway = await Assert.ThrowsAsync<ScenarioInitException>(RunAsync);

        Assert.StartsWith($"no monitor answers at {_options.Monitor}/ (", Assert.IsType<TargetException>(noMonitor.InnerException).Message, StringComparison.Ordinal);
        Assert.EndsWith("takes 9 records in a batch; --batch is 10.", Assert.IsType<SetupException>(tooLarge.InnerException).Message, StringComparison.Ordinal);
        Assert.StartsWith($"no gateway answers at {_options.Gateway}/ (", Assert.IsType<TargetException>(noGateway.InnerException).Message, StringComparison.Ordinal);
        Assert.Empty(_gateway.Batches);
    }

    [Fact]
    public void A_threshold_that_is_asked_for_takes_the_place_of_the_default_on_the_same_quantity()
    {
        var thresholds = ThresholdList.Of(["p99<500ms", "errors<0.1%"], ["p99 < 1s", "max<=2s"], [], []);

        Assert.Equal(["errors < 0.1 %", "p99 < 1,000 ms", "max <= 2,000 ms"], thresholds.Select(threshold => threshold.Text));
    }

    [Fact]
    public void Certificates_that_cannot_be_read_are_told_with_their_setting()
    {
        _options.Gateway = "https://127.0.0.1:1";
        _options.Tls.CaFile = "/nowhere/ca.pem";

        var fault = Assert.Throws<SetupException>(() => ScenarioCatalog.Create("ingest", _options, TimeProvider.System));

        Assert.StartsWith("Setting 'load.tls.caFile' names /nowhere/ca.pem, which cannot be read: ", fault.Message, StringComparison.Ordinal);
    }

    private async Task<ScenarioStats> RunAsync() =>
        (await LoadRunner.RegisterScenarios(ScenarioCatalog.Create("ingest", _options, TimeProvider.System)).WithSeed(1).RunAsync()).Get("ingest");

    // As the gateway completes them: with their node and their place. Only the latest run's.
    private List<LogRecord> Stored()
    {
        var run = _gateway.Hellos.TakeLast(4).ToList();
        return
        [
            .. run.SelectMany(hello => Enumerable.Range(1, 250).Select(n => new LogRecord
            {
                NodeId = hello.NodeId,
                Service = "load",
                Position = new Position { Epoch = hello.Epoch, Sequence = (ulong)n },
            })),
        ];
    }

    private static bool Held(ScenarioStats stats, string threshold) => stats.Thresholds.Single(judged => judged.Text == threshold).Passed;

    private static double? Metric(ScenarioStats stats, string name) => stats.Metrics.Single(metric => metric.Name == name).Value;
}
