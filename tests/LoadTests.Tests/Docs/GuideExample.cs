using System.Text.Json;
using System.Text.RegularExpressions;
using LoadScenarios.Heartbeats;
using LoadScenarios.Queries;
using LoadScenarios.Shipping;
using LoadTesting;
using LoadTesting.Simulations;
using TestKit;

namespace LoadTests.Tests.Docs;

/// <summary>docs/load-tests.md: its example is the one that runs here, and its defaults are those of the code.</summary>
public sealed partial class GuideExample
{
    private static readonly string _guide = Resource("load-tests.md");

    [Fact]
    public async Task The_example_measures_both_of_its_steps_and_is_reported()
    {
        using var folder = new TempDirectory();
        var shop = new Shop();

        var exitCode = await CheckoutAsync(shop, folder.Combine("reports"));

        using var report = JsonDocument.Parse(await File.ReadAllTextAsync(folder.Combine("reports", "report.json")));
        var checkout = report.RootElement.GetProperty("scenarios")[0];
        Assert.Equal(200, checkout.GetProperty("due").GetInt32());
        Assert.InRange(checkout.GetProperty("fail").GetProperty("count").GetInt32(), 18, 22);
        Assert.Equal(["fill", "pay"], checkout.GetProperty("steps").EnumerateArray().Select(step => step.GetProperty("name").GetString()));
        Assert.Equal(report.RootElement.GetProperty("passed").GetBoolean() ? 0 : 1, exitCode);
        Assert.False(shop.IsOpen);
    }

    [Fact]
    public void The_example_in_the_guide_is_this_one()
    {
        var example = Example().Match(_guide).Groups["code"].Value.TrimEnd();

        Assert.Contains(example, Outdented(Resource("GuideExample.cs")), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("ingest")]
    [InlineData("heartbeats")]
    [InlineData("queries")]
    public void The_default_thresholds_in_the_guide_are_those_of_the_code(string scenario)
    {
        var row = Regex.Match(_guide, $@"^\| `{scenario}` \| (?<thresholds>`.*`) \|$", RegexOptions.Multiline).Groups["thresholds"].Value;

        Assert.Equal(
            scenario switch
            {
                IngestScenario.Name => IngestScenario.DefaultThresholds,
                HeartbeatScenario.Name => HeartbeatScenario.DefaultThresholds,
                _ => QueryScenario.DefaultThresholds,
            },
            row.Trim('`').Split("` `"));
    }

    private static async Task<int> CheckoutAsync(Shop shop, string reports)
    {
        #region scenario
        var scenario = Scenario.Create("checkout", async context =>
            {
                var basket = await Step.Run("fill", context, async () =>
                {
                    var id = await shop.FillAsync(context.Random.Next(1, 5), context.CancellationToken);
                    return Response.Ok(payload: id, sizeBytes: 120);
                });

                return await Step.Run("pay", context, async () => await shop.PayAsync(basket.Payload, context.CancellationToken)
                    ? Response.Ok()
                    : Response.Fail(statusCode: "declined", message: "the card was declined"));
            })
            .WithInit(context => shop.OpenAsync(context.CancellationToken))
            .WithClean(_ => shop.CloseAsync())
            .WithWarmUpDuration(TimeSpan.FromSeconds(1))
            .WithLoadSimulations(
                Simulation.RampingInject(rate: 50, interval: TimeSpan.FromSeconds(1), during: TimeSpan.FromSeconds(2)),
                Simulation.Inject(rate: 50, interval: TimeSpan.FromSeconds(1), during: TimeSpan.FromSeconds(3)))
            .WithThresholds(
                Threshold.Create(stats => stats.Ok.Latency.Percent99 < 500),
                Threshold.Create("pay", step => step.Fail.Request.Percent < 20),
                Threshold.Parse("errors<20%", metrics: [], steps: []));

        var result = await LoadRunner
            .RegisterScenarios(scenario)
            .WithReportFolder(reports)
            .WithSeed(7)
            .RunAsync();

        foreach (var failure in result.Failures)
            Console.WriteLine(failure);
        return result.Passed ? 0 : 1;
        #endregion
    }

    private static string Resource(string name)
    {
        using var text = new StreamReader(typeof(GuideExample).Assembly.GetManifestResourceStream(name)!);
        return text.ReadToEnd();
    }

    private static string Outdented(string code) => string.Join('\n', code.Split('\n').Select(line => line.StartsWith("        ", StringComparison.Ordinal) ? line[8..] : line));

    [GeneratedRegex("```csharp\n(?<code>.*?)```", RegexOptions.Singleline)]
    private static partial Regex Example();

    /// <summary>A shop that answers at once and declines every tenth card.</summary>
    private sealed class Shop
    {
        private int _baskets;
        private int _cards;

        public bool IsOpen { get; private set; }

        public Task OpenAsync(CancellationToken cancellation) => Task.FromResult(IsOpen = true);

        public Task CloseAsync() => Task.FromResult(IsOpen = false);

        public Task<int> FillAsync(int items, CancellationToken cancellation) => Task.FromResult(Interlocked.Add(ref _baskets, items));

        public Task<bool> PayAsync(int basket, CancellationToken cancellation) => Task.FromResult(Interlocked.Increment(ref _cards) % 10 != 0);
    }
}
