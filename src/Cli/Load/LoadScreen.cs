using System.Globalization;
using Cli.Client;
using LoadTesting;
using LoadTesting.Statistics;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace Cli.Load;

/// <summary>How a load test stands: a picture on a terminal, else a line now and then. On standard error, so that standard output holds the report alone.</summary>
internal static class LoadScreen
{
    /// <summary>Looks between two lines, where there is no terminal to redraw.</summary>
    private const int LooksPerLine = 5;

    public static async Task<RunResult> ShowAsync(LoadRunner runner, TextWriter errors, CancellationToken cancellation)
    {
        if (Console.IsErrorRedirected || Environment.GetEnvironmentVariable("TERM") is null or "" or "dumb")
            return await WithLinesAsync(runner, errors, cancellation);

        // What Spectre finds out for itself is about standard output, which may well be a file.
        var console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Out = new AnsiConsoleOutput(errors),
            Ansi = AnsiSupport.Yes,
            Interactive = InteractionSupport.Yes,
            ColorSystem = Terminal.WantsColours ? ColorSystemSupport.EightBit : ColorSystemSupport.NoColors,
        });

        RunResult? result = null;
        await console.Live(new Text("…")).AutoClear(true).StartAsync(async live =>
        {
            runner.WithProgress(progress => live.UpdateTarget(Render(progress)));
            result = await runner.RunAsync(cancellation);
        });
        return result!;
    }

    /// <summary>One line: the phase, and for each scenario what it has done and how it does.</summary>
    public static string Line(RunProgress progress) => string.Create(
        CultureInfo.InvariantCulture,
        $"{Clock(progress.Elapsed)}/{Clock(progress.Planned)} {Doing(progress)}: {string.Join("; ", progress.Scenarios.Select(Line))}");

    private static Task<RunResult> WithLinesAsync(LoadRunner runner, TextWriter errors, CancellationToken cancellation)
    {
        var looks = 0;
        return runner
            .WithProgress(progress =>
            {
                if (looks++ % LooksPerLine == 0)
                    errors.WriteLine(Line(progress));
            })
            .RunAsync(cancellation);
    }

    private static string Line(ScenarioStats scenario)
    {
        var latency = scenario.Ok.Latency;
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{scenario.Name} {scenario.Ok.Request.Count:#,0} ok, {scenario.Fail.Request.Count:#,0} failed, {scenario.InFlight:#,0} under way, p50 {latency.Percent50:0.0} ms, p99 {latency.Percent99:0.0} ms");
    }

    private static Rows Render(RunProgress progress)
    {
        var table = new Table().Border(TableBorder.Rounded).Expand();
        foreach (var column in new[] { "scenario", "ok", "/s", "failed", "under way", "p50 ms", "p95 ms", "p99 ms", "max ms" })
            table.AddColumn(column == "scenario" ? new TableColumn(column) : new TableColumn(column).RightAligned());
        foreach (var scenario in progress.Scenarios)
        {
            AddRow(table, scenario.Name, scenario, $"{scenario.InFlight:#,0}");
            foreach (var step in scenario.Steps)
                AddRow(table, $"  {step.Name}", step, "");
        }

        var rows = new List<IRenderable>
        {
            new Text($"load {progress.Name}   {Clock(progress.Elapsed)} of {Clock(progress.Planned)}   {Doing(progress)}", new Style(decoration: Decoration.Bold)),
            table,
        };
        foreach (var scenario in progress.Scenarios)
        {
            rows.AddRange(scenario.Metrics.Where(metric => metric.Value is not null).Select(metric =>
                new Text(string.Create(CultureInfo.InvariantCulture, $"{scenario.Name}  {metric.Name} {metric.Value:#,0.##} {metric.Unit}"))));
            rows.AddRange(scenario.Fail.StatusCodes.Select(status =>
                new Text(string.Create(CultureInfo.InvariantCulture, $"{scenario.Name}  {status.StatusCode} {status.Count:#,0}: {status.Message}"), new Style(Color.Red)) { Overflow = Overflow.Ellipsis }));
        }

        rows.Add(new Text("Ctrl-C stops it and reports what was measured", new Style(decoration: Decoration.Dim)));
        return new Rows(rows);
    }

    private static void AddRow(Table table, string name, MeasurementStats stats, string underWay) => table.AddRow(
        new Text(name),
        new Text($"{stats.Ok.Request.Count:#,0}"),
        new Text($"{stats.Ok.Request.Rps:#,0.0}"),
        new Text($"{stats.Fail.Request.Count:#,0}", stats.Fail.Request.Count > 0 ? new Style(Color.Red) : Style.Plain),
        new Text(underWay),
        new Text($"{stats.Ok.Latency.Percent50:0.0}"),
        new Text($"{stats.Ok.Latency.Percent95:0.0}"),
        new Text($"{stats.Ok.Latency.Percent99:0.0}"),
        new Text($"{stats.Ok.Latency.MaxMs:0.0}"));

    private static string Doing(RunProgress progress) => progress.Phase switch
    {
        RunPhase.Init => "preparing",
        RunPhase.Load => "under load",
        RunPhase.Drain => "waiting for what is under way",
        RunPhase.Verify => progress.Scenarios.Select(scenario => scenario.Activity).LastOrDefault(activity => activity is not null) ?? "verifying",
        _ => "cleaning up",
    };

    private static string Clock(TimeSpan time) => time.ToString(time < TimeSpan.FromHours(1) ? @"m\:ss" : @"h\:mm\:ss", CultureInfo.InvariantCulture);
}
