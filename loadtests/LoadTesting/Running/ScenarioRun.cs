using System.Collections.Concurrent;
using LoadTesting.Simulations;
using LoadTesting.Statistics;

namespace LoadTesting.Running;

/// <summary>One scenario under load: begins what is due, takes what comes back.</summary>
/// <remarks>
/// Latency counts from when an invocation was due, not from when it could begin: while the target (or this program) stalls, invocations go on
/// being due, and each is charged with the whole of its delay. That is what keeps a stall from hiding itself ("coordinated omission").
/// </remarks>
internal sealed class ScenarioRun : IDisposable
{
    private readonly ScenarioProps _props;
    private readonly bool _beginsInline;
    private readonly Action<string> _stopTest;
    private readonly CancellationTokenSource _cancelled = new();
    private readonly ConcurrentDictionary<string, MeasurementRecorder> _steps = new(StringComparer.Ordinal);
    private readonly MeasurementRecorder _recorder;
    private readonly IntervalSeries _series;
    private readonly List<Metric> _metrics = [];

    // Guards what follows.
    private readonly Lock _lock = new();
    private readonly LatencyHistogram _startDelay = new();
    private TaskCompletionSource? _idle;
    private long _number;
    private long _due;
    private int _inFlight;
    private int _measuredInFlight;
    private bool _isClosed;
    private TimeSpan _lastEnd;
    private TimeSpan? _stoppedAt;

    private long? _start;

    public ScenarioRun(ScenarioProps props, int seed, TimeProvider time, bool beginsInline, Action<string> stopTest)
    {
        (_props, Seed, Time, _beginsInline, _stopTest) = (props, seed, time, beginsInline, stopTest);
        _recorder = new MeasurementRecorder(props.Name);
        Measured = props.LoadSimulations.Aggregate(TimeSpan.Zero, (sum, simulation) => sum + simulation.During);
        _series = new IntervalSeries(_recorder, Measured);
        Cancelled = _cancelled.Token;
    }

    public string Name => _props.Name;

    public int Seed { get; }

    public TimeProvider Time { get; }

    public CancellationToken Cancelled { get; }

    /// <summary>Length of the measured part.</summary>
    public TimeSpan Measured { get; }

    /// <summary>Length of the load, warm-up and measured part.</summary>
    public TimeSpan Planned => _props.WarmUpDuration + Measured;

    public TimeSpan CompletionTimeout => _props.CompletionTimeout;

    /// <summary>What <see cref="ScenarioInitContext.Report"/> said last.</summary>
    public string? Activity { get; set; }

    /// <summary>What went wrong before or after the load.</summary>
    public string? Fault { get; set; }

    private TimeSpan Elapsed => _start is { } start ? Time.GetElapsedTime(start) : TimeSpan.Zero;

    public Task InitAsync(CancellationToken cancellation) => _props.Init?.Invoke(new(this, cancellation)) ?? Task.CompletedTask;

    public Task VerifyAsync(CancellationToken cancellation) => _props.Verify?.Invoke(new(this, cancellation)) ?? Task.CompletedTask;

    public Task CleanAsync(CancellationToken cancellation) => _props.Clean?.Invoke(new(this, cancellation)) ?? Task.CompletedTask;

    public void Register(Metric metric)
    {
        lock (_lock)
        {
            if (_metrics.Exists(known => known.Name == metric.Name))
                throw new ArgumentException($"Scenario '{Name}' has two metrics called '{metric.Name}'.", nameof(metric));
            _metrics.Add(metric);
        }
    }

    public Random RandomFor(long number) => new(Mix(Seed, Name, number));

    public void StopTest(string reason) => _stopTest($"Scenario '{Name}' ended the run: {reason}");

    public void RecordStep(string name, Response response, TimeSpan latency) =>
        _steps.GetOrAdd(name, static name => new MeasurementRecorder(name)).Record(response, latency);

    /// <summary>Begins every invocation when it is due, until the last one or a stop.</summary>
    public async Task InjectAsync(long start, CancellationToken stop)
    {
        _start = start;
        try
        {
            if (_props.WarmUpDuration > TimeSpan.Zero)
            {
                using var warmUp = StartSchedule.Steady(_props.LoadSimulations[0].WarmUpRate, _props.WarmUpDuration);
                await FollowAsync(warmUp, TimeSpan.Zero, isWarmUp: true, stop).ConfigureAwait(false);
            }

            using var schedule = StartSchedule.Of(_props.LoadSimulations, RandomFor(-1));
            await FollowAsync(schedule, _props.WarmUpDuration, isWarmUp: false, stop).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            lock (_lock)
                _stoppedAt = Elapsed;
        }
    }

    /// <summary>Waits for what is under way; cancels and counts what does not end in time.</summary>
    public async Task DrainAsync(TimeSpan timeout, TimeSpan cancelTime)
    {
        if (!await IsIdleWithinAsync(timeout).ConfigureAwait(false))
        {
            await _cancelled.CancelAsync().ConfigureAwait(false);
            await IsIdleWithinAsync(cancelTime).ConfigureAwait(false);
        }

        lock (_lock)
        {
            _isClosed = true;
            if (_measuredInFlight > 0)
                _recorder.RecordFailures(ScenarioStatus.Unfinished, $"It had not ended {timeout.TotalSeconds:0.#} s after the last one began.", _measuredInFlight);
        }

        if (Elapsed > _props.WarmUpDuration)
            _series.Close(Elapsed - _props.WarmUpDuration, inFlight: 0);
    }

    /// <summary>Called about once a second while there is load.</summary>
    public void Tick()
    {
        if (Elapsed is var elapsed && elapsed > _props.WarmUpDuration)
            _series.Tick(elapsed - _props.WarmUpDuration, Volatile.Read(ref _measuredInFlight));
    }

    public ScenarioStats Read(bool isFinal)
    {
        TimeSpan duration;
        LatencyStats startDelay;
        Metric[] metrics;
        long due;
        lock (_lock)
        {
            // What was asked for sets the length; answers that came later make it longer.
            var end = isFinal ? _stoppedAt ?? Planned : Elapsed;
            duration = (_lastEnd > end ? _lastEnd : end) - _props.WarmUpDuration;
            if (duration < TimeSpan.Zero)
                duration = TimeSpan.Zero;
            startDelay = _startDelay.Read();
            metrics = [.. _metrics];
            due = _due;
        }

        var (ok, fail) = _recorder.Read(duration);
        var stats = new ScenarioStats
        {
            Name = Name,
            Ok = ok,
            Fail = fail,
            Duration = duration,
            LoadSimulations = [.. _props.LoadSimulations.Select(simulation => simulation.ToString())],
            Settings = _props.Settings.ToDictionary(),
            Due = due,
            InFlight = Volatile.Read(ref _measuredInFlight),
            StartDelay = startDelay,
            Steps = [.. _steps.Values.OrderBy(step => step.Name, StringComparer.Ordinal).Select(step => Read(step, duration))],
            Metrics = [.. metrics.Select(metric => new MetricStats(metric.Name, metric.Unit, metric.Current))],
            Series = isFinal ? _series.Points : [],
            Thresholds = [],
            Activity = Activity,
            Fault = Fault,
        };
        return isFinal ? stats with { Thresholds = [.. _props.Thresholds.Select(threshold => threshold.Judge(stats))] } : stats;
    }

    public void Dispose() => _cancelled.Dispose();

    private static MeasurementStats Read(MeasurementRecorder recorder, TimeSpan duration)
    {
        var (ok, fail) = recorder.Read(duration);
        return new MeasurementStats { Name = recorder.Name, Ok = ok, Fail = fail };
    }

    private async Task FollowAsync(StartSchedule schedule, TimeSpan offset, bool isWarmUp, CancellationToken stop)
    {
        while (schedule.TryPeek(out var due))
        {
            await UntilAsync(offset + due, stop).ConfigureAwait(false);
            schedule.Take();
            Begin(offset + due, isWarmUp);
        }

        await UntilAsync(offset + schedule.During, stop).ConfigureAwait(false);
    }

    private async ValueTask UntilAsync(TimeSpan moment, CancellationToken stop)
    {
        stop.ThrowIfCancellationRequested();
        while (moment - Elapsed is var left && left > TimeSpan.Zero)
        {
            // Timers go by whole milliseconds; one of less would be no wait at all.
            await Task.Delay(TimeSpan.FromMilliseconds(Math.Ceiling(left.TotalMilliseconds)), Time, stop).ConfigureAwait(false);
        }
    }

    private void Begin(TimeSpan due, bool isWarmUp)
    {
        ScenarioContext context;
        lock (_lock)
        {
            var number = _number++;
            if (!isWarmUp)
                _due++;
            if (_inFlight >= _props.MaxInFlight)
            {
                if (!isWarmUp)
                    _recorder.RecordFailures(ScenarioStatus.NotStarted, $"{_props.MaxInFlight:N0} invocations were under way, the most that are allowed.", 1);
                return;
            }

            _inFlight++;
            if (!isWarmUp)
                _measuredInFlight++;
            context = new ScenarioContext(this, number, due, isWarmUp);
        }

        if (_beginsInline)
            _ = context.InvokeAsync();
        else
            ThreadPool.UnsafeQueueUserWorkItem(static context => _ = context.InvokeAsync(), context, preferLocal: false);
    }

    /// <summary>Runs one invocation, from its beginning to its measurement.</summary>
    internal async Task InvokeAsync(ScenarioContext context)
    {
        var delay = Elapsed - context.IntendedStart;
        Response response;
        try
        {
            response = await _props.Run(context).ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            // A scenario is somebody else's code, and whatever it throws is what the load did to its target: counted, not lost.
            response = Response.OfException(exception);
        }

        End(context, response, delay);
    }

    private void End(ScenarioContext context, Response response, TimeSpan delay)
    {
        lock (_lock)
        {
            _inFlight--;
            if (!context.IsWarmUp)
                _measuredInFlight--;
            if (!_isClosed && !context.IsWarmUp)
            {
                _lastEnd = Elapsed;
                _startDelay.Record(delay);
                _recorder.Record(response, _lastEnd - context.IntendedStart);
            }

            if (_inFlight == 0)
                _idle?.TrySetResult();
        }
    }

    private async Task<bool> IsIdleWithinAsync(TimeSpan timeout)
    {
        Task idle;
        lock (_lock)
        {
            if (_inFlight == 0)
                return true;
            _idle = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            idle = _idle.Task;
        }

        try
        {
            await idle.WaitAsync(timeout, Time).ConfigureAwait(false);
            return true;
        }
        catch (TimeoutException)
        {
            return false;
        }
    }

    // The same on every machine and in every process, unlike HashCode.
    private static int Mix(int seed, string name, long number)
    {
        var hash = (ulong)(uint)seed ^ 0xCBF29CE484222325;
        foreach (var letter in name)
            hash = (hash ^ letter) * 0x100000001B3;
        hash = (hash ^ (ulong)number) * 0x9E3779B97F4A7C15;
        return (int)(hash >> 32);
    }
}
