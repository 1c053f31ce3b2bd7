using LoadTesting;
using LoadTesting.Simulations;
using LoadTesting.Statistics;
using LoadTests.Tests.Running;

namespace LoadTests.Tests;

public sealed class ThresholdTests : IAsyncLifetime
{
    private static readonly Metric[] _metrics = [Metric.CreateCounter("missing"), Metric.CreateGauge("after", "ms"), Metric.CreateGauge("hits", "%")];

    private ScenarioStats _stats = null!;

    // 100 in 10 seconds, each of 200 ms, of which 2 fail; the step "pay" answers for 50 of them.
    public async Task InitializeAsync()
    {
        var scenario = Scenario.Create("shop", async context =>
            {
                await Task.Delay(TimeSpan.FromMilliseconds(200), context.Time);
                if (context.InvocationNumber % 2 == 0)
                    await Step.Run("pay", context, () => Task.FromResult(Response.Ok()));
                return context.InvocationNumber is 7 or 77 ? Response.Fail() : Response.Ok();
            })
            .WithLoadSimulations(Simulation.Inject(rate: 10, interval: TimeSpan.FromSeconds(1), during: TimeSpan.FromSeconds(10)))
            .WithInit(context =>
            {
                foreach (var metric in _metrics)
                    context.RegisterMetric(metric);
                ((GaugeMetric)_metrics[1]).Set(1_500);
                return Task.CompletedTask;
            });
        _stats = (await new SimulatedRun().RunAsync(scenario)).Get("shop");
    }

    public Task DisposeAsync() => Task.CompletedTask;

    [Theory]
    [InlineData("p99<250ms", true)]
    [InlineData("p50 >= 200ms", true)]
    [InlineData("min<200ms", false)]
    [InlineData("max<=0.25s", true)]
    [InlineData("mean>1s", false)]
    [InlineData("p99.9<00:00:00.250", true)]
    [InlineData("errors<2%", false)]
    [InlineData("errors<=2%", true)]
    [InlineData("errors=2%", true)]
    [InlineData("errors<0", false)]
    [InlineData("failed=2", true)]
    [InlineData("requests=100", true)]
    [InlineData("requests>1,000", false)]
    [InlineData("rps>9", true)]
    [InlineData("pay:requests=50", true)]
    [InlineData("pay:p99<1ms", true)]
    [InlineData("pay:errors=0%", true)]
    [InlineData("missing=0", true)]
    [InlineData("after<2s", true)]
    [InlineData("after<1s", false)]
    [InlineData("hits>0%", false)]
    public void A_text_says_what_must_hold(string text, bool holds) =>
        Assert.Equal(holds, Threshold.Parse(text, _metrics, ["pay"]).Judge(_stats).Passed);

    [Theory]
    [InlineData("p99", "'p99' is no threshold;")]
    [InlineData("p99<", "'p99<' is no threshold;")]
    [InlineData("<5", "'<5' is no threshold;")]
    [InlineData("p99!=5ms", "'p99!=5ms' is no threshold;")]
    [InlineData("p99<5", "compares with '5'; expected a duration")]
    [InlineData("errors<0.1", "compares with '0.1'; expected a share such as 0.1%")]
    [InlineData("rps>fast", "compares with 'fast'; expected a number")]
    [InlineData("mising=0", "did you mean 'missing'?")]
    [InlineData("pray:p99<1s", "did you mean 'pay'?")]
    [InlineData("pay:missing=0", "asks for 'missing', which does not exist.")]
    public void What_is_no_threshold_is_told(string text, string told)
    {
        var fault = Assert.Throws<FormatException>(() => Threshold.Parse(text, _metrics, ["pay"]));

        Assert.Contains(told, fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Latency_of_nothing_holds_no_threshold()
    {
        var nothing = _stats with { Ok = _stats.Ok with { Request = new RequestStats(0, 0, 0), Latency = new LatencyStats() } };

        var judged = Threshold.Parse("p99<1s", [], []).Judge(nothing);

        Assert.Equal((false, "nothing was measured"), (judged.Passed, judged.Actual));
    }
}
