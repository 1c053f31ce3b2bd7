using LoadTesting.Reports;
using LoadTesting.Running;
using LoadTesting.Statistics;

namespace LoadTesting;

/// <summary>Runs scenarios side by side and says what it measured.</summary>
public sealed class LoadRunner
{

    // How long what is under way may go on when the run is stopped, and after it was cancelled.
    private static readonly TimeSpan _stopTime = TimeSpan.FromSeconds(5);

    private readonly ScenarioProps[] _scenarios;
    private string _name;
    private string? _reportFolder;
    private int? _seed;
    private TimeProvider _time = TimeProvider.System;
    private bool _beginsInline;
    private Action<RunProgress> _progress = _ => { };

    private LoadRunner(ScenarioProps[] scenarios) => (_scenarios, _name) = (scenarios, string.Join('+', scenarios.Select(scenario => scenario.Name)));

    /// <summary>Says what is to be run.</summary>
    public static LoadRunner RegisterScenarios(params ScenarioProps[] scenarios)
    {
        ArgumentNullException.ThrowIfNull(scenarios);
        if (scenarios.Length == 0)
            throw new ArgumentException("There is no scenario to run.", nameof(scenarios));
        if (scenarios.DistinctBy(scenario => scenario.Name).Count() < scenarios.Length)
            throw new ArgumentException("Two scenarios have the same name.", nameof(scenarios));
        return new LoadRunner([.. scenarios]);
    }

    /// <summary>What reports call the run. Default: the scenarios' names.</summary>
    public LoadRunner WithTestName(string name)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        _name = name;
        return this;
    }

    /// <summary>Where <c>report.txt</c>, <c>report.json</c> and <c>report.html</c> go; made where it is missing, and tried before anything starts. Default: nowhere.</summary>
    public LoadRunner WithReportFolder(string folder)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(folder);
        _reportFolder = folder;
        return this;
    }

    /// <summary>What all that is left to chance follows from. Default: drawn; reports say it.</summary>
    public LoadRunner WithSeed(int seed)
    {
        _seed = seed;
        return this;
    }

    /// <summary>The clock. Default: the system's.</summary>
    public LoadRunner WithTimeProvider(TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(time);
        _time = time;
        return this;
    }

    /// <summary>Is told about once a second how things stand.</summary>
    public LoadRunner WithProgress(Action<RunProgress> progress)
    {
        ArgumentNullException.ThrowIfNull(progress);
        _progress = progress;
        return this;
    }

    /// <summary>Runs everything to its end.</summary>
    /// <param name="cancellation">Stops the load early; what was measured until then is reported.</param>
    /// <exception cref="ReportFolderException">Reports could not be written; nothing was started.</exception>
    /// <exception cref="ScenarioInitException">A scenario's <see cref="ScenarioProps.WithInit"/> failed; no load was put on anything.</exception>
    public async Task<RunResult> RunAsync(CancellationToken cancellation = default)
    {
        var folder = _reportFolder is null ? null : ReportFolder.Open(_reportFolder);
        var seed = _seed ?? Random.Shared.Next();
        using var abort = new CancellationTokenSource();
        string? aborted = null;
        ScenarioRun[] runs =
        [
            .. _scenarios.Select(scenario => new ScenarioRun(scenario, seed, _time, _beginsInline, reason =>
            {
                if (Interlocked.CompareExchange(ref aborted, reason, null) is null)
                    abort.Cancel();
            })),
        ];
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation, abort.Token);
        var watch = new RunWatch(_name, runs, _time, _progress);
        try
        {
            var generator = new GeneratorWatch(_time);
            var started = _time.GetUtcNow();
            await watch.DuringAsync(() => RunPhasesAsync(runs, watch, stop.Token)).ConfigureAwait(false);

            var result = new RunResult
            {
                Name = _name,
                Started = started,
                Ended = aborted is not null ? RunEnd.Aborted : cancellation.IsCancellationRequested ? RunEnd.Stopped : RunEnd.Completed,
                Reason = aborted,
                Seed = seed,
                Scenarios = [.. runs.Select(run => run.Read(isFinal: true))],
                Environment = RunEnvironment.Here(),
                Generator = generator.Read(),
            };
            return folder is null ? result : folder.Write(result);
        }
        finally
        {
            foreach (var run in runs)
                run.Dispose();
        }
    }

    /// <summary>Begins invocations on the thread that the clock wakes, one after the other: on a clock that a test moves, everything then happens in its turn.</summary>
    internal LoadRunner BeginningInline()
    {
        _beginsInline = true;
        return this;
    }

    private async Task RunPhasesAsync(ScenarioRun[] runs, RunWatch watch, CancellationToken stop)
    {
        var initialised = new List<ScenarioRun>();
        try
        {
            watch.Phase = RunPhase.Init;
            foreach (var run in runs)
                await InitAsync(run, initialised, stop).ConfigureAwait(false);

            var start = _time.GetTimestamp();
            watch.BeginLoad(start);
            await Task.WhenAll(runs.Select(run => run.InjectAsync(start, stop))).ConfigureAwait(false);

            watch.Phase = RunPhase.Drain;
            await Task.WhenAll(runs.Select(run => run.DrainAsync(stop.IsCancellationRequested ? Least(run.CompletionTimeout, _stopTime) : run.CompletionTimeout, _stopTime))).ConfigureAwait(false);

            watch.Phase = RunPhase.Verify;
            foreach (var run in runs.Where(_ => !stop.IsCancellationRequested))
                await NoteFaultAsync(run, "Verifying", run.VerifyAsync, stop).ConfigureAwait(false);
        }
        finally
        {
            watch.Phase = RunPhase.Clean;
            foreach (var run in initialised)
                await NoteFaultAsync(run, "Cleaning up", run.CleanAsync, CancellationToken.None).ConfigureAwait(false);
        }
    }

    private static async Task InitAsync(ScenarioRun run, List<ScenarioRun> initialised, CancellationToken stop)
    {
        try
        {
            await run.InitAsync(stop).ConfigureAwait(false);
            initialised.Add(run);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            throw;
        }
        catch (Exception exception)
        {
            throw new ScenarioInitException(run.Name, exception);
        }
    }

    // What a scenario does after its load may fail in any way, and what was measured is reported all the same.
    private static async Task NoteFaultAsync(ScenarioRun run, string what, Func<CancellationToken, Task> hook, CancellationToken stop)
    {
        try
        {
            await hook(stop).ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            run.Fault ??= exception is OperationCanceledException && stop.IsCancellationRequested
                ? $"{what} was stopped before its end."
                : $"{what} failed: {exception.Message}";
        }
    }

    private static TimeSpan Least(TimeSpan a, TimeSpan b) => a < b ? a : b;
}
