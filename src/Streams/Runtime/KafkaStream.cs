using System.Diagnostics.Metrics;
using Kafka;
using Microsoft.Extensions.Logging;
using Streams.Query;
using Streams.Runtime;

namespace Streams;

/// <summary>An application: a topology at work on Kafka. Instances with the same application id share its partitions.</summary>
/// <remarks>
/// Kafka out of reach, at the start or later, is waited out and logged; records are processed at least once. Thread-safe.
/// </remarks>
public sealed partial class KafkaStream : IAsyncDisposable
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(30);

    private readonly CompiledTopology _topology;
    private readonly StreamConfig _config;
    private readonly ILogClient _client;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly EngineMetrics _metrics;
    private readonly CancellationTokenSource _stop = new();
    private readonly CancellationTokenSource _abort = new();
    private readonly Lock _gate = new();
    private readonly StreamThread?[] _threads;
    private IStoreOwner? _globalStores;
    private Task _running = Task.CompletedTask;
    private KafkaStreamState _state = KafkaStreamState.Created;
    private int _disposed;

    /// <summary>Makes an application; <see cref="StartAsync"/> starts it.</summary>
    /// <param name="topology">What it does.</param>
    /// <param name="config">Its settings.</param>
    /// <param name="client">The way to Kafka.</param>
    /// <param name="loggers">Where its log goes.</param>
    /// <param name="time">The clock.</param>
    /// <param name="meters">Makes the meter <c>Streams.Engine</c>; null for one of no factory, which every listener of the process hears.</param>
    /// <exception cref="TopologyException">The topology cannot work.</exception>
    /// <exception cref="StreamsException">A setting cannot be used.</exception>
    public KafkaStream(Topology topology, StreamConfig config, ILogClient client, ILoggerFactory loggers, TimeProvider time, IMeterFactory? meters = null)
    {
        ArgumentNullException.ThrowIfNull(topology);
        ArgumentNullException.ThrowIfNull(config);
        ArgumentNullException.ThrowIfNull(client);
        ArgumentNullException.ThrowIfNull(loggers);
        ArgumentNullException.ThrowIfNull(time);
        config.Validate();
        _topology = new(topology, config.ApplicationId);
        (_config, _client, _time) = (config, client, time);
        _logger = loggers.CreateLogger<KafkaStream>();
        
        // Where there is nothing but global stores, nothing has tasks.
        _threads = new StreamThread?[_topology.Subtopologies.Count == 0 ? 0 : config.ThreadCount];
        _metrics = new(config.ApplicationId, meters);
        _metrics.Observe(new(LiveThreads, ThreadStates, StoreOwners));
        _metrics.AnnounceStores(StoreNames());
    }

    /// <summary>Raised at each move of <see cref="State"/>, on whichever thread moved it: return soon, and do not stop the application from here.</summary>
    public event EventHandler<StateChangedEventArgs>? StateChanged;

    /// <summary>Where the application is in its life.</summary>
    public KafkaStreamState State
    {
        get
        {
            lock (_gate)
                return _state;
        }
    }

    /// <summary>What stopped the application, where <see cref="State"/> is <see cref="KafkaStreamState.Error"/>; null otherwise.</summary>
    public Exception? Error { get; private set; }

    /// <summary>
    /// Starts the application and returns; it need not have reached Kafka yet. <see cref="State"/> tells when it processes.
    /// </summary>
    /// <exception cref="InvalidOperationException">It was started before.</exception>
    public Task StartAsync(CancellationToken cancellation = default)
    {
        cancellation.ThrowIfCancellationRequested();
        if (!TryMove(KafkaStreamState.Rebalancing, from: KafkaStreamState.Created))
            throw new InvalidOperationException($"The application was started before; it is {State}.");

        _running = Task.Run(RunAsync, CancellationToken.None);
        return Task.CompletedTask;
    }

    /// <summary>
    /// Stops: what was read is finished and committed. Past <see cref="StreamConfig.ShutdownTimeout"/>, or when
    /// <paramref name="cancellation"/> asks for it, threads are cut off; what they had not committed is read again at the next start.
    /// </summary>
    public async Task StopAsync(CancellationToken cancellation = default)
    {
        var moved = TryMove(KafkaStreamState.PendingShutdown);
        await _stop.CancelAsync().ConfigureAwait(false);
        using var limit = new CancellationTokenSource(_config.ShutdownTimeout, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellation);
        await using (either.Token.Register(_abort.Cancel).ConfigureAwait(false))
            await _running.ConfigureAwait(false);
        if (moved)
            TryMove(KafkaStreamState.NotRunning);
    }

    /// <summary>A view of a store: this instance's partitions as one. Ask for it once and keep it; it follows the partitions.</summary>
    /// <remarks>
    /// Its methods throw <see cref="StoreNotReadyException"/> while a local partition of the store is restored or moved. Lists are snapshots as of when
    /// their first row is asked for, read while the task goes on: read each to its end or dispose its enumerator, as <c>foreach</c> does. Of one store of
    /// one task 64 may be open; one more throws <see cref="InvalidOperationException"/>.
    /// </remarks>
    public TStore Store<TStore>(QueryableStore<TStore> store)
    {
        ArgumentNullException.ThrowIfNull(store);
        var known = StoreNames();
        if (!known.Contains(store.Name))
            throw new ArgumentException($"The topology has no store '{store.Name}'. It has: {string.Join(", ", known)}.", nameof(store));

        return store.View(new LocalStores(store.Name, StoreOwners, _metrics));
    }

    /// <summary>Every store of every task that this instance has now, and its global stores.</summary>
    public IReadOnlyList<StoreDescription> DescribeStores() =>
    [
        .. StoreOwners().SelectMany(owner => owner.Stores.Select(store => new StoreDescription(
            store.Name,
            owner.Id.Partition,
            owner.Id,
            StoreLook.Entries(owner, store),
            owner.Lag(store.Name)))),
    ];

    /// <summary>Stops the application if it runs.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0)
            return;

        await StopAsync().ConfigureAwait(false);
        _metrics.Dispose();
        _stop.Dispose();
        _abort.Dispose();
    }

    private List<string> StoreNames() =>
        [.. _topology.Subtopologies.SelectMany(s => s.Stores).Concat(_topology.Global?.Stores ?? []).Select(b => b.Name)];

    private IReadOnlyList<StreamThread> LiveThreads()
    {
        lock (_gate)
            return [.. _threads.OfType<StreamThread>()];
    }

    private (int Running, int Starting, int Dead) ThreadStates()
    {
        lock (_gate)
        {
            // Before the start and after the end there are none, which is no fault.
            if (_state is not (KafkaStreamState.Running or KafkaStreamState.Rebalancing or KafkaStreamState.Error))
                return default;

            var running = _threads.Count(t => t is { IsSettled: true });
            var dead = _threads.Count(t => t is null);
            return (running, _threads.Length - running - dead, dead);
        }
    }

    private IReadOnlyList<IStoreOwner> StoreOwners()
    {
        lock (_gate)
        {
            var tasks = _threads.OfType<StreamThread>().SelectMany(t => t.Tasks);
            return _globalStores is null ? [.. tasks] : [.. tasks, _globalStores];
        }
    }

    private async Task RunAsync()
    {
        try
        {
            var topics = new TopicManager(_topology, _config, _client, _time, _logger);
            var inputs = new KnownInputs(await topics.PrepareAsync(_stop.Token).ConfigureAwait(false));
            var refreshing = _topology.HasPatterns ? RefreshAsync(topics, inputs) : Task.CompletedTask;
            var parts = new ThreadParts(_topology, inputs, _config, _client, _time, _metrics, _logger);
            await (_topology.Global is { } stores ? RunWithGlobalStoresAsync(parts, stores) : RunThreadsAsync(parts)).ConfigureAwait(false);
            await refreshing.ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            // Stopped before it had reached Kafka.
        }
        catch (Exception error)
        {
            Fail(error);
        }
    }

    /// <summary>Looks for topics that patterns match, again and again. Ends when the application stops.</summary>
    private async Task RefreshAsync(TopicManager topics, KnownInputs inputs)
    {
        try
        {
            while (true)
            {
                await Task.Delay(_config.MetadataAgeMax, _time, _stop.Token).ConfigureAwait(false);
                if (await topics.RefreshAsync(inputs.Current, _stop.Token).ConfigureAwait(false) is { } changed)
                    inputs.Current = changed;
            }
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            // Nobody needs to know any more.
        }
        catch (Exception error)
        {
            Fail(error);
        }
    }

    private Task RunThreadsAsync(ThreadParts parts)
    {
        UpdateState();
        return Task.WhenAll(Enumerable.Range(0, _threads.Length).Select(slot => RunSlotAsync(slot, parts)));
    }

    /// <summary>Tasks begin when the global stores are filled, for each record may read them; and the stores outlive the tasks.</summary>
    private async Task RunWithGlobalStoresAsync(ThreadParts parts, Subtopology stores)
    {
        using var thread = new GlobalThread(parts, stores, _abort.Token);
        using var stop = new CancellationTokenSource();
        Publish(thread.Owner);
        var ended = RunOnThread($"{_config.ApplicationId}-GlobalStreamThread", () => RunGlobal(thread, stop.Token));
        try
        {
            await thread.Loaded.WaitAsync(_stop.Token).ConfigureAwait(false);
            await RunThreadsAsync(parts with { GlobalStores = thread.ReadOnlyStores }).ConfigureAwait(false);
            if (_threads.Length == 0)
                await Task.Delay(Timeout.InfiniteTimeSpan, _stop.Token).ConfigureAwait(false);
        }
        finally
        {
            await stop.CancelAsync().ConfigureAwait(false);
            await ended.ConfigureAwait(false);
            Publish(null);
        }
    }

    private void RunGlobal(GlobalThread thread, CancellationToken stop)
    {
        try
        {
            thread.Run(stop);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested || _abort.IsCancellationRequested)
        {
            // Stopped while it waited; all is read again at the next start.
        }
        catch (Exception error)
        {
            // As in Kafka Streams, the answer changes nothing: the thread cannot be replaced, and tasks would read what is out of date.
            _metrics.ThreadFailed();
            if (!_stop.IsCancellationRequested)
                _ = _config.UncaughtErrors(error);
            Fail(error);
        }
    }

    private void Publish(IStoreOwner? globalStores)
    {
        lock (_gate)
            _globalStores = globalStores;
    }

    /// <summary>A thread of the operating system for one slot: its stream threads follow each other on it.</summary>
    private Task RunSlotAsync(int slot, ThreadParts parts)
    {
        var name = $"{_config.ApplicationId}-StreamThread-{slot + 1}";
        return RunOnThread(name, () => RunSlot(slot, name, parts));
    }

    private static Task RunOnThread(string name, Action run)
    {
        var ended = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var thread = new Thread(() =>
        {
            try
            {
                run();
            }
            finally
            {
                ended.SetResult();
            }
        })
        {
            Name = name,
            IsBackground = true,
        };
        thread.Start();
        return ended.Task;
    }

    private void RunSlot(int slot, string name, ThreadParts parts)
    {
        var pause = FirstPause;
        while (!_stop.IsCancellationRequested)
        {
            var started = _time.GetTimestamp();
            try
            {
                RunThread(slot, name, parts);
                return;
            }
            catch (OperationCanceledException) when (_abort.IsCancellationRequested)
            {
                ThreadCutOff(name);
                return;
            }
            catch (Exception error)
            {
                _metrics.ThreadFailed();
                if (_stop.IsCancellationRequested || _config.UncaughtErrors(error) == UncaughtErrorResponse.ShutdownClient)
                {
                    Fail(error);
                    return;
                }

                // A thread that worked for a while starts its pauses anew.
                if (_time.GetElapsedTime(started) > LongestPause)
                    pause = FirstPause;
                ThreadReplaced(error, name, pause);
                if (!Wait(pause))
                    return;
                pause = pause * 2 < LongestPause ? pause * 2 : LongestPause;
            }
        }
    }

    private void RunThread(int slot, string name, ThreadParts parts)
    {
        using var thread = new StreamThread(name, parts, UpdateState, _abort.Token);
        Put(slot, thread);
        try
        {
            thread.Run(_stop.Token);
        }
        finally
        {
            Put(slot, null);
        }
    }

    private void Put(int slot, StreamThread? thread)
    {
        lock (_gate)
            _threads[slot] = thread;
        UpdateState();
    }

    private bool Wait(TimeSpan pause)
    {
        try
        {
            Task.Delay(pause, _time, _stop.Token).GetAwaiter().GetResult();
            return true;
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    private void Fail(Exception error)
    {
        Error ??= error;
        if (TryMove(KafkaStreamState.Error))
            Failed(error, _config.ApplicationId);
        else
            FailedWhileStopping(error, _config.ApplicationId);
        _stop.Cancel();
    }

    // Running is when every thread is: one that restores may hold the keys that are asked for next.
    private void UpdateState()
    {
        bool settled;
        lock (_gate)
            settled = Array.TrueForAll(_threads, t => t is { IsSettled: true });
        if (settled)
            TryMove(KafkaStreamState.Running, from: KafkaStreamState.Rebalancing);
        else
            TryMove(KafkaStreamState.Rebalancing, from: KafkaStreamState.Running);
    }

    private bool TryMove(KafkaStreamState to, KafkaStreamState? from = null)
    {
        KafkaStreamState previous;
        lock (_gate)
        {
            previous = _state;
            if ((from is not null && previous != from) || !previous.CanBecome(to))
                return false;
            _state = to;
        }

        StateMoved(_config.ApplicationId, previous, to);
        StateChanged?.Invoke(this, new(previous, to));
        return true;
    }

    [LoggerMessage(3, LogLevel.Information, "Application '{Application}' went from {Previous} to {Current}.")]
    private partial void StateMoved(string application, KafkaStreamState previous, KafkaStreamState current);

    [LoggerMessage(4, LogLevel.Error, "Application '{Application}' stops: trying again would fail the same way.")]
    private partial void Failed(Exception error, string application);

    [LoggerMessage(5, LogLevel.Error, "Application '{Application}' failed while stopping; what was not committed is read again at the next start.")]
    private partial void FailedWhileStopping(Exception error, string application);

    [LoggerMessage(6, LogLevel.Warning, "Thread {Thread} failed and is replaced in {Pause}; records since its last commit are read again.")]
    private partial void ThreadReplaced(Exception error, string thread, TimeSpan pause);

    [LoggerMessage(7, LogLevel.Warning, "Thread {Thread} was cut off; what it had not committed is read again at the next start.")]
    private partial void ThreadCutOff(string thread);
}
