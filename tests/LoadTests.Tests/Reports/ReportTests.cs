using System.Globalization;
using System.Text.Json;
using System.Xml.Linq;
using Json.Schema;
using LoadTesting;
using LoadTesting.Reports;
using LoadTesting.Reports.Html;
using LoadTesting.Simulations;
using LoadTesting.Statistics;
using LoadTests.Tests.Running;
using TestKit;

namespace LoadTests.Tests.Reports;

public sealed class ReportTests
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);
    private static readonly string[] LatencyNames = ["min", "mean", "max", "std_dev", "p50", "p75", "p90", "p95", "p99", "p99_9"];

    [Fact]
    public async Task The_json_report_is_what_its_schema_says()
    {
        using var text = new StreamReader(typeof(ReportTests).Assembly.GetManifestResourceStream("load-report.schema.json")!);
        var schema = JsonSchema.FromText(await text.ReadToEndAsync());

        foreach (var result in new[] { await EventfulAsync(), await EmptyAsync() })
        {
            var verdict = schema.Evaluate(
                JsonDocument.Parse(JsonReport.Write(result)).RootElement,
                new EvaluationOptions { OutputFormat = OutputFormat.List, RequireFormatValidation = true });

            Assert.True(verdict.IsValid, string.Join('\n', (verdict.Details ?? []).Where(at => at.Errors is { Count: > 0 }).Select(at => $"{at.InstanceLocation}: {string.Join(' ', at.Errors!.Values)}")));
        }
    }

    [Fact]
    public async Task The_page_has_the_figures_of_the_json_report()
    {
        var result = await EventfulAsync();
        using var json = JsonDocument.Parse(JsonReport.Write(result));
        var page = Page(HtmlReport.Write(result));

        foreach (var scenario in json.RootElement.GetProperty("scenarios").EnumerateArray())
        {
            var section = page.Descendants("section").Single(at => at.Attribute("data-scenario")?.Value == scenario.GetProperty("name").GetString());
            var figures = section.Descendants()
                .Where(at => at.Attribute("data-figure") is not null)
                .ToLookup(at => at.Attribute("data-figure")!.Value, at => double.Parse(at.Value, NumberStyles.Number, CultureInfo.InvariantCulture));
            Compare(figures, "ok.count", scenario.GetProperty("ok").GetProperty("count"));
            Compare(figures, "fail.count", scenario.GetProperty("fail").GetProperty("count"));
            foreach (var name in LatencyNames)
            {
                Compare(figures, $"ok.latency_ms.{name}", scenario.GetProperty("ok").GetProperty("latency_ms").GetProperty(name));
                Compare(figures, $"fail.latency_ms.{name}", scenario.GetProperty("fail").GetProperty("latency_ms").GetProperty(name));
                Compare(figures, $"start_delay.{name}", scenario.GetProperty("start_delay").GetProperty(name));
                foreach (var step in scenario.GetProperty("steps").EnumerateArray())
                    Compare(figures, $"steps.{step.GetProperty("name").GetString()}.ok.latency_ms.{name}", step.GetProperty("ok").GetProperty("latency_ms").GetProperty(name));
            }

            foreach (var metric in scenario.GetProperty("metrics").EnumerateArray())
                Compare(figures, $"metrics.{metric.GetProperty("name").GetString()}", metric.GetProperty("value"));
        }

        Assert.Equal("FAILED", page.Descendants("span").Single(at => at.Attribute("data-figure")?.Value == "passed").Value);
        Assert.Equal(json.RootElement.GetProperty("failures").EnumerateArray().Select(failure => failure.GetString()), page.Descendants("li").Select(at => at.Value));
    }

    [Fact]
    public async Task The_page_draws_every_interval_and_breaks_its_lines_where_nothing_was_measured()
    {
        var result = await EventfulAsync();

        var latency = Page(HtmlReport.Write(result)).Descendants("svg").First();

        var series = result.Get("eventful").Series;
        Assert.Equal(series.Count, latency.Elements("rect").Count());
        var line = latency.Elements("path").First().Attribute("d")!.Value;
        Assert.Equal(series.Count(point => point.MaxMs is not null), line.Count(letter => letter is 'M' or 'L'));
        Assert.Equal(2, line.Count(letter => letter == 'M'));
        Assert.DoesNotContain("NaN", line, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_page_loads_nothing_and_shows_a_hostile_message_as_text()
    {
        var html = HtmlReport.Write(await EventfulAsync());

        var page = Page(html);
        Assert.Empty(page.Descendants().Where(at => at.Name.LocalName is "script" or "link" or "img" or "iframe"));
        Assert.Empty(page.Descendants().Attributes().Where(at => at.Name.LocalName is "src" or "href" || at.Name.LocalName.StartsWith("on", StringComparison.Ordinal)));
        Assert.DoesNotContain("url(", html, StringComparison.Ordinal);
        Assert.Contains(page.Descendants("td"), cell => cell.Value == "<script>alert('no')</script> & \"more\"");
        // An element that HTML does not know as empty must not be written as if it were.
        Assert.DoesNotContain("<td />", html, StringComparison.Ordinal);
        Assert.DoesNotContain("<tbody />", html, StringComparison.Ordinal);
        Assert.DoesNotContain("<div />", html, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_text_report_says_what_decided()
    {
        var text = TextReport.Write(await EventfulAsync());

        Assert.StartsWith("load test eventful: FAILED", text, StringComparison.Ordinal);
        Assert.Contains("  seed           1\n", text, StringComparison.Ordinal);
        Assert.Contains("FAILED p99 < 1 ms (was 3,", text, StringComparison.Ordinal);
        Assert.Contains("held   requests > 10 (was 80)", text, StringComparison.Ordinal);
        Assert.Contains("busy 8: <script>", text, StringComparison.Ordinal);
        Assert.Contains("answered       72 items", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Reports_are_written_whole_over_those_of_an_earlier_run()
    {
        using var folder = new TempDirectory();
        var reports = folder.Combine("new", "reports");
        var run = new SimulatedRun();
        var scenario = Scenario.Create("quiet", _ => Task.FromResult(Response.Ok())).WithLoadSimulations(Simulation.Inject(5, Second, Second));

        await run.RunAsync(LoadRunner.RegisterScenarios(scenario).WithReportFolder(reports), default);
        var second = await run.RunAsync(LoadRunner.RegisterScenarios(scenario).WithReportFolder(reports), default);

        Assert.Null(second.ReportFault);
        Assert.Equal(second.ReportFiles.Order(), Directory.GetFiles(reports).Order());
        Assert.Equal(["report.html", "report.json", "report.txt"], second.ReportFiles.Select(Path.GetFileName).Order());
    }

    [Fact]
    public async Task A_folder_that_takes_no_reports_is_told_before_any_load()
    {
        using var folder = new TempDirectory();
        await File.WriteAllTextAsync(folder.Combine("file"), "");
        var ran = false;
        var scenario = Scenario.Create("quiet", _ => Task.FromResult(Response.Ok())).WithInit(_ => Task.FromResult(ran = true));

        var fault = await Assert.ThrowsAsync<ReportFolderException>(() =>
            LoadRunner.RegisterScenarios(scenario).WithReportFolder(folder.Combine("file", "reports")).RunAsync());

        Assert.StartsWith($"Reports cannot be written to {folder.Combine("file", "reports")}: ", fault.Message, StringComparison.Ordinal);
        Assert.EndsWith("Nothing was started.", fault.Message, StringComparison.Ordinal);
        Assert.False(ran);
    }

    [Fact]
    public async Task A_folder_that_vanished_meanwhile_costs_the_files_and_not_the_result()
    {
        using var folder = new TempDirectory();
        var reports = folder.Combine("reports");
        var scenario = Scenario.Create("quiet", _ => Task.FromResult(Response.Ok()))
            .WithLoadSimulations(Simulation.Inject(5, Second, Second))
            .WithClean(_ => Task.Run(() =>
            {
                Directory.Delete(reports, recursive: true);
                File.WriteAllText(reports, "");
            }));

        var result = await new SimulatedRun().RunAsync(LoadRunner.RegisterScenarios(scenario).WithReportFolder(reports), default);

        Assert.Equal(5, result.Get("quiet").Ok.Request.Count);
        Assert.StartsWith($"Reports could not be written to {reports}: ", result.ReportFault, StringComparison.Ordinal);
    }

    [Fact]
    public void Statuses_with_identifiers_in_them_do_not_grow_without_end()
    {
        var recorder = new OutcomeRecorder(isError: true);

        for (var i = 0; i < 10_000; i++)
            recorder.Record($"order-{i}", new string('x', 1_000), bytes: 0, latency: Second);

        var stats = recorder.Read(ofAll: 10_000, duration: Second);
        Assert.Equal(OutcomeRecorder.StatusesMax + 1, stats.StatusCodes.Count);
        Assert.Equal((OutcomeRecorder.OtherStatus, 10_000 - OutcomeRecorder.StatusesMax), (stats.StatusCodes[0].StatusCode, stats.StatusCodes[0].Count));
        Assert.All(stats.StatusCodes, status => Assert.InRange(status.Message.Length, 1, OutcomeRecorder.MessageCharsMax + 1));
    }

    // Eight seconds at ten a second: one in ten fails, and from the third to the sixth second nobody is answered.
    private static async Task<RunResult> EventfulAsync()
    {
        var target = new StallingTarget();
        var answered = Metric.CreateCounter("answered", "items");
        var run = new SimulatedRun
        {
            OnStep = passed =>
            {
                if (passed == 2.5 * Second)
                    target.Stall();
                if (passed == 5.8 * Second)
                    target.GoOn();
            },
        };
        var scenario = Scenario.Create("eventful", async context =>
            {
                await Step.Run("ask", context, async () =>
                {
                    await target.AskAsync();
                    return Response.Ok(sizeBytes: 100);
                });
                if (context.InvocationNumber % 10 == 3)
                    return Response.Fail("busy", "<script>alert('no')</script> & \"more\"");
                answered.Add(1);
                return Response.Ok();
            })
            .WithInit(context =>
            {
                context.RegisterMetric(answered);
                return Task.CompletedTask;
            })
            .WithSettings(new("target", "<here>"), new("rate", "10"))
            .WithLoadSimulations(Simulation.Inject(rate: 10, interval: Second, during: 8 * Second))
            .WithThresholds(Threshold.Parse("p99<1ms", [], []), Threshold.Parse("requests>10", [], []), Threshold.Create(stats => stats.Ok.Request.Count > 0));
        return await run.RunAsync(scenario);
    }

    private static Task<RunResult> EmptyAsync() => new SimulatedRun().RunAsync(
        Scenario.Create("empty", _ => Task.FromResult(Response.Ok())).WithLoadSimulations(Simulation.Pause(2 * Second)).WithThresholds(Threshold.Parse("errors<1%", [], [])));

    private static XElement Page(string html) => XElement.Parse(html["<!DOCTYPE html>\n".Length..]);

    private static void Compare(ILookup<string, double> figures, string name, JsonElement expected)
    {
        Assert.NotEmpty(figures[name]);
        Assert.All(figures[name], figure => Assert.Equal(expected.GetDouble(), figure, tolerance: 0.0005));
    }
}
