namespace LoadTesting.Running;

/// <summary>Looks at a run once a second: closes intervals, tells how things stand.</summary>
internal sealed class RunWatch(string name, ScenarioRun[] runs, TimeProvider time, Action<RunProgress> progress)
{
    private static readonly TimeSpan _interval = TimeSpan.FromSeconds(1);

    private readonly TimeSpan _planned = runs.Max(run => run.Planned);
    private long? _start;
    private volatile RunPhase _phase;

    public RunPhase Phase
    {
        get => _phase;
        set => _phase = value;
    }

    public void BeginLoad(long start)
    {
        _start = start;
        Phase = RunPhase.Load;
    }

    /// <summary>Watches while <paramref name="run"/> goes on.</summary>
    public async Task DuringAsync(Func<Task> run)
    {
        using var ended = new CancellationTokenSource();
        var watching = WatchAsync(ended.Token);
        try
        {
            await run().ConfigureAwait(false);
        }
        finally
        {
            await ended.CancelAsync().ConfigureAwait(false);
            await watching.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        if (watching.IsFaulted)
            await watching.ConfigureAwait(false);
    }

    private async Task WatchAsync(CancellationToken ended)
    {
        using var timer = new PeriodicTimer(_interval, time);
        while (await timer.WaitForNextTickAsync(ended).ConfigureAwait(false))
        {
            if (Phase is RunPhase.Load or RunPhase.Drain)
            {
                foreach (var run in runs)
                    run.Tick();
            }

            var elapsed = _start is { } start ? time.GetElapsedTime(start) : TimeSpan.Zero;
            progress(new RunProgress(name, Phase, elapsed, _planned, [.. runs.Select(run => run.Read(isFinal: false))]));
        }
    }
}
