using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using Monitor.Hosting;
using Monitor.LogStore;
using Streams.Contracts.V1;

namespace Monitor.Tests.Hosting;

public sealed class StoreSweeperTests : IDisposable
{
    private readonly CancellationTokenSource _limit = new(TimeSpan.FromMinutes(1));

    [Fact]
    public async Task An_outage_of_the_store_is_a_warning_once_and_another_one_is_one_again()
    {
        var options = new MonitorOptions();
        var time = new TimerTime();
        using var store = new SweptStore();
        var log = new LevelLog();
        using var sweeper = new StoreSweeper(store, options, time, log);
        await sweeper.StartAsync(_limit.Token);
        await time.HasTimer.WaitAsync(_limit.Token);

        foreach (var isAway in (bool[])[true, true, true, false, true, true])
        {
            store.IsAway = isAway;
            time.Advance(options.Store.SweepInterval);
            await store.Swept.ReadAsync(_limit.Token);
        }

        var said = new List<LogLevel>();
        while (said.Count < 5)
            said.Add(await log.Levels.ReadAsync(_limit.Token));
        await sweeper.StopAsync(_limit.Token);
        Assert.Equal([LogLevel.Warning, LogLevel.Debug, LogLevel.Debug, LogLevel.Warning, LogLevel.Debug], said);
    }

    public void Dispose() => _limit.Dispose();

    /// <summary>A clock that tells when somebody waits for it: a service's loop begins after its start.</summary>
    private sealed class TimerTime : FakeTimeProvider
    {
        private readonly TaskCompletionSource _hasTimer = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task HasTimer => _hasTimer.Task;

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            var timer = base.CreateTimer(callback, state, dueTime, period);
            _hasTimer.TrySetResult();
            return timer;
        }
    }

    /// <summary>Tells of each message how loud it was.</summary>
    private sealed class LevelLog : ILogger<StoreSweeper>
    {
        private readonly Channel<LogLevel> _levels = Channel.CreateUnbounded<LogLevel>();

        public ChannelReader<LogLevel> Levels => _levels.Reader;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            _levels.Writer.TryWrite(logLevel);
    }

    /// <summary>A store that can only be swept, or is away.</summary>
    private sealed class SweptStore : ILogStore
    {
        private readonly Channel<bool> _swept = Channel.CreateUnbounded<bool>();

        public bool IsAway { get; set; }

        public ChannelReader<bool> Swept => _swept.Reader;

        public Task<long> SweepAsync(CancellationToken cancellation)
        {
            _swept.Writer.TryWrite(true);
            return IsAway ? Task.FromException<long>(new StoreUnavailableException("GET http://es:9200/ got no answer", new HttpRequestException("Connection refused"))) : Task.FromResult(0L);
        }

        public void Add(in LogDocument document) => throw new NotSupportedException();

        public void Add(in AlertDocument document) => throw new NotSupportedException();

        public void Flush() => throw new NotSupportedException();

        public IAsyncEnumerable<FoundLog> SearchAsync(LogQuery query, CancellationToken cancellation) => throw new NotSupportedException();

        public IAsyncEnumerable<Alert> ListAlertsAsync(AlertQuery query, CancellationToken cancellation) => throw new NotSupportedException();

        public void Dispose()
        {
        }
    }
}
